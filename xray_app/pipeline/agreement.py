"""For other people's tests: two preprocessing functions are compared on images.

The functions run in this process, as they are: they are the caller's own code.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from xray_app.core import InputError, first_line
from xray_app.pipeline.checking import PipelineCheck, check_reports
from xray_app.pipeline.describing import describe_pipeline
from xray_app.pipeline.report import PipelineReport

Preprocessing = Callable[[Any], Any]
_NAMES = ("training", "serving")


def assert_same_preprocessing(
    train: Preprocessing, serve: Preprocessing, images: Sequence[Any], atol: float = 1e-3
) -> None:
    """Fail, and say how they differ, unless two functions make the same tensors.

    Args:
        train: from one image to its tensor, as training did it.
        serve: the same, as the server does it.
        images: arrays (H, W) or (H, W, 3), or radiographs; at least one.
        atol: how far two values may lie apart, in the tensor's units.

    Raises:
        AssertionError: the tensors differ; the message says in what.
        InputError: there is no image, or a function fails on one or returns no array of numbers.

    >>> image = np.arange(30, dtype=np.uint8).reshape(5, 6)
    >>> assert_same_preprocessing(lambda x: x / 255.0, lambda x: x / 255.0, [image])
    """
    sentences = preprocessing_differences(train, serve, images, atol)
    if sentences:
        raise AssertionError(" ".join(sentences))


def preprocessing_differences(
    train: Preprocessing, serve: Preprocessing, images: Sequence[Any], atol: float = 1e-3
) -> tuple[str, ...]:
    """As ``assert_same_preprocessing``, but return the sentences; none where nothing differs.

    >>> image = np.random.default_rng(0).integers(0, 256, (40, 30), np.uint8)
    >>> preprocessing_differences(lambda x: x / 255.0, lambda x: x / 255.0 / 255.0, [image])[-1]
    'Contrast is divided by 255.'
    """
    return compare_preprocessing(train, serve, images, atol).sentences


@dataclass(frozen=True, slots=True, eq=False)
class PreprocessingComparison:
    """How two preprocessing functions differ.

    Attributes:
        sentences: what differs; none where nothing does.
        images: how many were looked at; the last is the one on which they differ.
        check: both tensors of that image; None where nothing differs or one can't be explained.
    """

    sentences: tuple[str, ...]
    images: int
    check: PipelineCheck | None = None

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not self.sentences


def compare_preprocessing(
    train: Preprocessing, serve: Preprocessing, images: Sequence[Any], atol: float = 1e-3
) -> PreprocessingComparison:
    """As ``preprocessing_differences``, with the tensors of the first image that shows one."""
    if not len(images):
        raise InputError("Expected at least one image to compare the two functions on.")
    for number, image in enumerate(images, start=1):
        trained, served = (
            _made(function, image, name, number)
            for function, name in zip((train, serve), _NAMES, strict=True)
        )
        largest = _apart(trained, served)
        if largest is None or largest > atol:
            headline = _headline(trained, served, largest, atol, number)
            told, check = _told(image, trained, served)
            return PreprocessingComparison((headline, *told), number, check)
    return PreprocessingComparison((), len(images))


def _made(function: Preprocessing, image: Any, name: str, number: int) -> np.ndarray:
    """What a function makes of a copy: it may change its image, or fill one array again and again.

    Raises:
        InputError: it fails, or returns no array of numbers.
    """
    own = deepcopy(image)
    try:
        returned = function(own)
        made = np.array(returned)
    except Exception as error:
        raise InputError(
            f"The function for {name} fails on image {number}: {type(error).__name__}: "
            f"{first_line(error)}."
        ) from error
    if made.dtype.kind not in "biuf":
        raise InputError(
            f"Expected the function for {name} to return an array of real numbers, received "
            f"{_kind(returned)} on image {number}; return the array itself."
        )
    return made


def _kind(value: object) -> str:
    return f"dtype {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__


def _apart(trained: np.ndarray, served: np.ndarray) -> float | None:
    """Largest difference of two values; None where shapes or missing values don't allow one."""
    if trained.shape != served.shape:
        return None
    apart = np.abs(trained.astype(np.float64) - served.astype(np.float64))
    return float(apart.max(initial=0.0)) if np.isfinite(apart).all() else None


def _headline(
    trained: np.ndarray, served: np.ndarray, largest: float | None, atol: float, number: int
) -> str:
    if trained.shape != served.shape:
        return (
            f"Preprocessing differs on image {number}: training makes shape {trained.shape}, "
            f"serving {served.shape}."
        )
    if largest is None:
        return f"Preprocessing differs on image {number}: values are NaN or infinite."
    return (
        f"Preprocessing differs on image {number}: values lie up to {largest:.4g} apart, "
        f"{atol:g} is allowed."
    )


def _told(
    image: Any, trained: np.ndarray, served: np.ndarray
) -> tuple[tuple[str, ...], PipelineCheck | None]:
    """In what they differ, where both can be explained; else what can be said of each."""
    reports: list[PipelineReport] = []
    for tensor, name in zip((trained, served), _NAMES, strict=True):
        try:
            report = describe_pipeline(image, tensor)
        except InputError as error:
            return (f"Of {name}: {error}",), None
        reports.append(report)
    unexplained = [
        f"Of {name}: {report.text}"
        for report, name in zip(reports, _NAMES, strict=True)
        if not report.is_explained
    ]
    if unexplained:
        return tuple(unexplained), None
    check = check_reports(image, (trained, reports[0]), (served, reports[1]), _NAMES)
    return (check.difference.sentences if check.difference else ()), check
