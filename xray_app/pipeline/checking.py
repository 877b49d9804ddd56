"""One tensor against what it should have been: the steps, what differs, both in pixels."""

from dataclasses import dataclass

import numpy as np

from xray_app.cards import ModelCard
from xray_app.core import AnyArray, FloatArray, Radiograph, read_only
from xray_app.core.normalization import DatasetStatistics, Scheme
from xray_app.pipeline.describing import describe_pipeline
from xray_app.pipeline.difference import PipelineDifference, difference_from
from xray_app.pipeline.mending import Mending, mending_of
from xray_app.pipeline.report import PipelineReport
from xray_app.pipeline.steps.description import PipelineDescription, reproduced
from xray_app.pipeline.steps.images import Source, as_sources
from xray_app.pipeline.steps.layout import readings
from xray_app.pipeline.steps.rendering import Renderer


@dataclass(frozen=True, slots=True, eq=False)
class PipelineCheck:
    """What a pipeline did, and what it should have done.

    Attributes:
        report: what it did.
        difference: from what was expected; None where it is not explained.
        mending: the code that takes the difference away; None where there is nothing to mend.
        received: (C, H, W) float32, what it made of the first image.
        wanted: (C, H, W) float32, what was expected of it; where it is not explained, what the
            closest combination of known steps makes.
    """

    report: PipelineReport
    difference: PipelineDifference | None
    mending: Mending | None
    received: FloatArray
    wanted: FloatArray


def check_pipeline(
    image: Radiograph | AnyArray,
    tensor: AnyArray,
    expected: ModelCard | Scheme | AnyArray,
    statistics: DatasetStatistics | None = None,
) -> PipelineCheck:
    """Find what made a tensor of an image, and compare it with what should have been made.

    Args:
        image, tensor: as for ``describe_pipeline``, one of each.
        expected: a model's card, a scheme, or the tensor that another pipeline makes of the image.
        statistics: mean and deviation of the scale step ``dataset``; a card has its own.

    Raises:
        InputError: as ``describe_pipeline``; or the expected tensor is not explained.

    >>> from xray_app.core.normalization import parse_scheme
    >>> image = np.random.default_rng(0).integers(0, 256, (40, 30), np.uint8)
    >>> check_pipeline(image, image / 255.0, parse_scheme("raw")).mending.code
    'tensor = tensor * 255.0'
    """
    report = describe_pipeline(image, tensor, statistics)
    (source,) = as_sources(image)
    received = _planes(tensor, report)
    if report.description is None:
        return PipelineCheck(report, None, None, received, _made(report.closest, source))
    if isinstance(expected, np.ndarray):
        other = describe_pipeline(image, expected, statistics)
        difference = difference_from(report, other, ("the expected tensor", ""), statistics)
        wanted = _planes(expected, other)
    else:
        names = ("training" if isinstance(expected, ModelCard) else "", "")
        difference = difference_from(report, expected, names, statistics)
        wanted = _made(difference.first or report.description, source)
    mending = mending_of(difference, report.white)
    return PipelineCheck(report, difference, mending, received, wanted)


def _planes(tensor: AnyArray, report: PipelineReport) -> FloatArray:
    """The tensor as (C, H, W), read as the report reads it."""
    layout = report.closest.layout
    (read,) = (each for each in readings(tensor, report.images) if each.layout == layout)
    planes: FloatArray = read_only(read.planes[0].astype(np.float32))
    return planes


def _made(description: PipelineDescription, source: Source) -> FloatArray:
    planes: FloatArray = read_only(
        reproduced(description, [Renderer(source)])[0].astype(np.float32)
    )
    return planes
