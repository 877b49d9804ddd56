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
    report: PipelineReport | None = None,
) -> PipelineCheck:
    """Find what made a tensor of an image, and compare it with what should have been made.

    Args:
        image, tensor: as for ``describe_pipeline``, one of each.
        expected: a model's card, a scheme, or the tensor that another pipeline makes of the image.
        statistics: mean and deviation of the scale step ``dataset``; a card has its own.
        report: what ``describe_pipeline`` said of just these, where that was asked before.

    Raises:
        InputError: as ``describe_pipeline``; or the expected tensor is not explained.

    >>> from xray_app.core.normalization import parse_scheme
    >>> image = np.random.default_rng(0).integers(0, 256, (40, 30), np.uint8)
    >>> check_pipeline(image, image / 255.0, parse_scheme("raw")).mending.code
    'tensor = tensor * 255.0'
    """
    report = report or describe_pipeline(image, tensor, statistics)
    if isinstance(expected, np.ndarray) and report.is_explained:
        other = describe_pipeline(image, expected, statistics)
        return check_reports(
            image, (expected, other), (tensor, report), ("the expected tensor", "")
        )
    (source,) = as_sources(image)
    received = tensor_planes(tensor, report)
    if report.description is None or isinstance(expected, np.ndarray):
        return PipelineCheck(report, None, None, received, _made(report.closest, source))
    name = "training" if isinstance(expected, ModelCard) else ""
    difference = difference_from(report, expected, (name, ""), statistics)
    wanted = _made(difference.first or report.description, source)
    return PipelineCheck(report, difference, _mending(difference, report), received, wanted)


def check_reports(
    image: Radiograph | AnyArray,
    expected: tuple[AnyArray, PipelineReport],
    made: tuple[AnyArray, PipelineReport],
    names: tuple[str, str],
) -> PipelineCheck:
    """Compare two tensors of one image that were both described.

    Args:
        image: as for ``describe_pipeline``.
        expected, made: the tensor that should have come and the one that came, with their reports.
        names: what to call them; "" for what they are.

    Raises:
        InputError: the expected one is not explained.
    """
    (tensor, report), (wanted, other) = made, expected
    if not report.is_explained:
        return check_pipeline(image, tensor, wanted, report=report)
    difference = difference_from(report, other, names)
    planes = tensor_planes(tensor, report), tensor_planes(wanted, other)
    return PipelineCheck(report, difference, _mending(difference, report), *planes)


def _mending(difference: PipelineDifference, report: PipelineReport) -> Mending | None:
    return mending_of(difference, report.white)


def tensor_planes(tensor: AnyArray, report: PipelineReport) -> FloatArray:
    """The tensor of one image as (C, H, W) float32, read as its report reads it."""
    layout = report.closest.layout
    (read,) = (each for each in readings(tensor, 1) if each.layout == layout)
    planes: FloatArray = read_only(read.planes[0].astype(np.float32))
    return planes


def _made(description: PipelineDescription, source: Source) -> FloatArray:
    planes: FloatArray = read_only(
        reproduced(description, [Renderer.of(source)])[0].astype(np.float32)
    )
    return planes
