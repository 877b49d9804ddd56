"""A checked pipeline in words, as a table, in pictures and as plain values."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from xray_app.core import FloatArray
from xray_app.core.images import blend_difference
from xray_app.core.text import listed
from xray_app.diagnosis import Stage, stage_of
from xray_app.pipeline import PipelineCheck, PipelineDifference

CheckVerdict = Literal["same", "rounding", "differs", "unexplained"]
# Differences of a gray level or of a type's last bits.
_SMALL = {"rounding", "storage"}
_ORDER = (
    "layout", "channels", "depth", "orientation", "geometry", "kernel", "rounding", "contrast",
    "scale", "storage",
)  # fmt: skip
_NOTHING_DONE = "nothing"
_DARKEST = np.float32(0.55)  # of the image behind the difference, which must stand out
_SEEN = 1e-6  # fraction of the range below which two tensors are the same


@dataclass(frozen=True, slots=True)
class AspectRow:
    """One step: what the pipeline does, what it should do, and whether these differ."""

    step: str
    found: str
    wanted: str
    differs: bool


@dataclass(frozen=True, slots=True, eq=False)
class CheckImages:
    """Both tensors and their difference as (H, W, 3) uint8.

    Attributes:
        difference: None where they have no common size.
        caption: how large the difference is, and what was taken out before.
    """

    received: NDArray[np.uint8]
    wanted: NDArray[np.uint8]
    difference: NDArray[np.uint8] | None
    caption: str


def check_verdict(check: PipelineCheck) -> CheckVerdict:
    """Whether a pipeline does what it should."""
    if check.difference is None:
        return "unexplained"
    if check.difference.is_same:
        return "same"
    return "rounding" if set(check.difference.aspects) <= _SMALL else "differs"


def check_headline(check: PipelineCheck, name: str) -> str:
    """The verdict in a few words; ``name`` is what the pipeline should match."""
    verdict = check_verdict(check)
    if verdict == "unexplained" or check.difference is None:
        return "Not explained"
    if verdict == "same":
        return f"Matches {name}"
    differ = _listed(check.difference.aspects)
    if verdict == "rounding":
        return f"Matches {name} but for {differ}"
    return f"Differs from {name} in {differ}"


def check_sentences(check: PipelineCheck) -> str:
    """What is behind the headline: what differs, or what comes closest."""
    if check.difference is not None:
        return " ".join((check.difference.text, *check.report.limits))
    said = check.report.text.removeprefix("Not explained: ")
    return said[:1].upper() + said[1:]


def _listed(aspects: tuple[str, ...]) -> str:
    return listed([name for name in _ORDER if name in aspects])


def check_rows(check: PipelineCheck) -> list[AspectRow]:
    """Every step that was compared or done, those that differ first."""
    difference = check.difference
    if difference is None or difference.first is None or difference.second is None:
        found = check.report.closest.aspects
        return [AspectRow(name, found[name], "", differs=False) for name in _ORDER if found[name]]
    found, wanted = difference.second.aspects, difference.first.aspects
    rows = [
        AspectRow(
            name,
            found[name] or _NOTHING_DONE,
            wanted[name] or _NOTHING_DONE,
            differs=name in difference.aspects,
        )
        for name in _ORDER
        if found[name] or wanted[name]
    ]
    return sorted(rows, key=lambda row: not row.differs)


def mending_sentence(check: PipelineCheck) -> str:
    """What to do with the code that mends it; empty where there is none."""
    mending = check.mending
    if mending is None:
        return ""
    if not mending.on_tensor:
        return "Can't be undone on the finished tensor. This makes the right one from the image:"
    stays = f" ({', '.join(mending.leaves)} stays)" if mending.leaves else ""
    return f"Added behind your code, this mends it{stays}:"


def check_stages(check: PipelineCheck) -> tuple[Stage, Stage]:
    """The values of both tensors, for histograms: what came, what should have come."""
    return (
        stage_of("Received", np.moveaxis(check.received, 0, -1)),
        stage_of("Wanted", np.moveaxis(check.wanted, 0, -1)),
    )


def check_images(check: PipelineCheck) -> CheckImages:
    """Both tensors, each from its darkest to its brightest value, and where they differ."""
    received, wanted = check.received, check.wanted
    shown = _shown(received), _shown(wanted)
    if received.shape[1:] != wanted.shape[1:]:
        sizes = " and ".join(f"{p.shape[2]} × {p.shape[1]}" for p in (received, wanted))
        return CheckImages(*shown, None, f"No picture: the sizes differ, {sizes}.")
    levelled, note = _levelled(check)
    apart = _largest(levelled, wanted)
    top, width = float(np.abs(apart).max()), float(np.ptp(wanted)) or 1.0
    is_same = top <= _SEEN * width
    faint = _DARKEST + (1.0 - _DARKEST) * _unit(wanted).mean(axis=0)
    heat = np.zeros_like(apart) if is_same else (apart / top).astype(np.float32)
    image = blend_difference(faint, heat, 1.0)
    if is_same:
        return CheckImages(*shown, image, f"No pixel differs{note}.")
    caption = f"Orange: too high; blue: too low; up to {top:.3g}, {top / width:.1%} of the range"
    return CheckImages(*shown, image, f"{caption}{note}.")


def _levelled(check: PipelineCheck) -> tuple[FloatArray, str]:
    """The tensor with gain and offset taken out where these differ; and a note on that."""
    difference = check.difference
    if difference is None or "scale" not in difference.aspects or not difference.gain:
        return check.received, ""
    gain, offset = (
        np.array(each, np.float32).reshape(-1, 1, 1)
        for each in (difference.gain, difference.offset)
    )
    return (check.received - offset) / gain, ", once gain and offset are taken out"


def _largest(received: FloatArray, wanted: FloatArray) -> FloatArray:
    """Of the channels' differences the largest in size, signed, (H, W)."""
    if len(received) != len(wanted):
        received, wanted = received[:1], wanted[:1]
    apart = received - wanted
    chosen: FloatArray = np.take_along_axis(apart, np.abs(apart).argmax(axis=0)[np.newaxis], 0)[0]
    return chosen


def _unit(planes: FloatArray) -> FloatArray:
    low, high = planes.min(), planes.max()
    unit: FloatArray = (planes - low) / (high - low or np.float32(1.0))
    return unit


def _shown(planes: FloatArray) -> NDArray[np.uint8]:
    colour = np.broadcast_to(_unit(planes), (3, *planes.shape[1:]))
    image: NDArray[np.uint8] = np.rint(255.0 * np.moveaxis(colour, 0, -1)).astype(np.uint8)
    return image


def check_to_dict(check: PipelineCheck, name: str) -> dict[str, Any]:
    """Return plain values, for JSON."""
    difference: PipelineDifference | None = check.difference
    return {
        "expected": name,
        "verdict": check_verdict(check),
        "headline": check_headline(check, name),
        "pipeline": check.report.to_dict(),
        "difference": difference.to_dict() if difference else None,
        "steps": [asdict(row) for row in check_rows(check)],
        "mending": asdict(check.mending) if check.mending else None,
    }
