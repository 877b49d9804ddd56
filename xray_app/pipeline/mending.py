"""The code that would make one pipeline's tensor what another's is."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xray_app.pipeline.code import pipeline_code
from xray_app.pipeline.difference import PipelineDifference
from xray_app.pipeline.steps.description import PipelineDescription

# What can be mended on the finished tensor, since nothing is lost by it; and what stays if it is,
# which is a gray level at most.
_ON_THE_TENSOR, _STAYS = {"layout", "channels", "scale"}, {"rounding"}
_NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class Mending:
    """Code for a person to take over.

    Attributes:
        code: Python; a line or a few.
        on_tensor: whether it mends the finished ``tensor``; else it makes the right tensor from
            ``image``, since what the pipeline did can't be undone afterwards.
        leaves: the aspects that it leaves as they are: "rounding", a gray level at most.
    """

    code: str
    on_tensor: bool
    leaves: tuple[str, ...] = ()


def mending_of(difference: PipelineDifference, white: float = 255.0) -> Mending | None:
    """Say how the second pipeline becomes the first; None where nothing differs or is unknown.

    Args:
        difference: of ``difference_from`` or ``compare_descriptions``.
        white: as for ``pipeline_code``.

    >>> from xray_app.pipeline.describing import describe_pipeline
    >>> from xray_app.pipeline.difference import difference_from
    >>> image = np.random.default_rng(0).integers(0, 256, (40, 30), np.uint8)
    >>> report = describe_pipeline(image, image / 255.0)
    >>> print(mending_of(difference_from(report, "signed")).code)
    tensor = tensor * 2.0
    tensor = tensor + -1.0
    """
    wanted, own = difference.first, difference.second
    if difference.is_same or wanted is None or own is None:
        return None
    different = set(difference.aspects)
    if different <= _ON_THE_TENSOR | _STAYS and not _is_lossy(difference, own):
        lines = _on_tensor(difference, wanted, own)
        if lines:
            return Mending("\n".join(lines), on_tensor=True, leaves=tuple(different & _STAYS))
    return Mending(pipeline_code(wanted, white).strip(), on_tensor=False)


def _is_lossy(difference: PipelineDifference, own: PipelineDescription) -> bool:
    """Whether values were rounded, or padding skipped the scale step, before they can be scaled."""
    return "scale" in difference.aspects and bool(own.storage or own.padded_with)


def _on_tensor(
    difference: PipelineDifference, wanted: PipelineDescription, own: PipelineDescription
) -> list[str] | None:
    """Lines that change the finished tensor; None where they would not be enough."""
    chosen = _chosen(wanted, own)
    values = _values(difference, wanted, own, chosen) if chosen else None
    if chosen is None or values is None:
        return None
    is_kept = chosen == tuple(range(len(own.planes)))
    if is_kept and own.layout == wanted.layout:
        return values
    lines = [*_arranged(own.layout, wanted.layout)]
    if not is_kept:
        lines.append(f"tensor = tensor.take({list(chosen)}, axis={_channel_axis(wanted.layout)})")
    lines += values
    return lines if "C" in wanted.layout else [*lines, "tensor = tensor[..., 0]"]


def _channel_axis(layout: str) -> int:
    return layout.index("C") if "C" in layout else -1


def _arranged(have: str, wanted: str) -> Iterator[str]:
    """From one layout to another, with an axis of channels; the batch's is always the first."""
    if "C" not in have:
        yield "tensor = tensor[..., np.newaxis]"
        have += "C"
    if "N" in have and "N" not in wanted:
        yield "tensor = tensor[0]"
        have = have.removeprefix("N")
    target = wanted if "C" in wanted else wanted + "C"
    order = tuple(have.index(axis) for axis in target if axis in have)
    if order != tuple(sorted(order)):
        yield f"tensor = tensor.transpose{order}"
    if "N" in wanted and "N" not in have:
        yield "tensor = tensor[np.newaxis]"


def _values(
    difference: PipelineDifference,
    wanted: PipelineDescription,
    own: PipelineDescription,
    chosen: tuple[int, ...],
) -> list[str] | None:
    if "scale" not in difference.aspects:
        return []
    if not difference.gain:
        # One line for all channels: a z-score takes it away, and no other.
        is_line = len(set(own.scale.gain)) == len(set(own.scale.offset)) == 1
        is_undone = is_line and not (own.scale.is_per_image or own.scale.inverted)
        score = wanted.scale.name == "zscore" and is_undone
        return ["tensor = (tensor - tensor.mean()) / tensor.std()"] if score else None
    gain = np.array([difference.gain[k] for k in chosen])
    offset = np.array([difference.offset[k] for k in chosen])
    axis = _channel_axis(wanted.layout)
    is_last = axis in (-1, len(wanted.layout) - 1)
    return [
        f"tensor = tensor {sign} {_number(values, is_last=is_last)}"
        for sign, values, neutral in (("*", 1.0 / gain, 1.0), ("+", -offset / gain, 0.0))
        if np.abs(values - neutral).max() > _NOTHING
    ]


def _number(values: np.ndarray, *, is_last: bool) -> str:
    """One number where it is the same for all channels, else an array along their axis."""
    short = [float(f"{value:.8g}") for value in values]
    if len(set(short)) == 1:
        return repr(short[0])
    return f"np.array({short})" + ("" if is_last else ".reshape(-1, 1, 1)")


def _chosen(wanted: PipelineDescription, own: PipelineDescription) -> tuple[int, ...] | None:
    """Which channel of the tensor each wanted one is; None where one is not there."""
    if not set(wanted.planes) <= set(own.planes):
        return None
    if len(set(own.planes)) == 1:
        return tuple(min(k, len(own.planes) - 1) for k in range(len(wanted.planes)))
    return tuple(own.planes.index(plane) for plane in wanted.planes)
