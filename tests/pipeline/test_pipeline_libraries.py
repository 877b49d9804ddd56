"""Pipelines written with the libraries that people use are recognised."""

import pytest

from benchmarks.library_pipelines import LIBRARY_PIPELINES, LibraryPipeline
from xray_app.pipeline.describing import describe_pipeline


@pytest.mark.parametrize("pipeline", LIBRARY_PIPELINES, ids=lambda p: f"{p.library}: {p.code}")
def test_a_pipeline_of_a_library_is_recognised(pipeline: LibraryPipeline) -> None:
    image = pipeline.image()
    report = describe_pipeline(image, pipeline.run(image))
    assert report.is_explained == bool(pipeline.expected), report.text
    if report.description is not None:
        found = report.description.to_dict()
        assert {name: found[name] for name in pipeline.expected} == pipeline.expected, report.text
