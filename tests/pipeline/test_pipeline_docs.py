"""What docs/check.md says of libraries is what the tests ask of the solver."""

import pytest

from benchmarks.library_pipelines import LIBRARY_PIPELINES, LibraryPipeline
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "check.md").read_text()


@pytest.mark.parametrize("pipeline", LIBRARY_PIPELINES, ids=lambda p: f"{p.library}: {p.code}")
def test_the_table_says_whether_a_library_is_recognised(pipeline: LibraryPipeline) -> None:
    recognised = "yes" if pipeline.expected else "no"
    assert f"| {pipeline.library} | `{pipeline.code}` | {recognised} |" in TEXT


def test_every_command_of_the_document_is_one_of_the_benchmark() -> None:
    from benchmarks import pipelines

    for option in ("--count", "--large", "--libraries"):
        assert f"python -m benchmarks.pipelines {option}" in TEXT
        assert option in (pipelines.__doc__ or "")
