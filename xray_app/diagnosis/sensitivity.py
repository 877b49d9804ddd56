"""Would another technician's window have changed the answer? Probabilities as it moves.

A file with more depth than a screen is windowed: its window's centre and width move. One that was
made for a screen has no window any more: there gamma and clipped percentiles move, which is what
post-processing before the export would have done.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from xray_app.cards import model_inputs
from xray_app.core import FloatArray, Radiograph, Values, WindowControls, read_only
from xray_app.core.images import Geometry, fitted
from xray_app.diagnosis.prediction import calibrate_logits, check_logits
from xray_app.engines import Engine
from xray_app.readers import WindowCurve, rewindow, through_curve

POINTS = 9  # odd, so that the image as it is stands in the middle of a symmetric way
_SHIFT, _FACTOR, _GAMMA, _CLIP = 0.5, 2.0, 2.0, 0.1


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the way that has a name: another window of the file."""

    label: str
    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """Probabilities of every class while one thing moves and all else stays.

    Attributes:
        name, unit: what moves, and in what it is measured ("" for a plain number).
        values: (n,) float64, rising.
        probabilities: (n, K) float64, calibrated where the model is, in the model's order.
        present: the value of the image as it is.
        marks: other windows of the file that lie on the way.
    """

    name: str
    unit: str
    values: Values
    probabilities: Values
    present: float
    marks: tuple[Mark, ...]

    @property
    def stays(self) -> tuple[float, float]:
        """From and to where the class is the same as at ``present``, without a gap."""
        classes = self.probabilities.argmax(axis=1)
        here = int(np.abs(self.values - self.present).argmin())
        low = high = here
        while low > 0 and classes[low - 1] == classes[here]:
            low -= 1
        while high < len(classes) - 1 and classes[high + 1] == classes[here]:
            high += 1
        return float(self.values[low]), float(self.values[high])

    @property
    def returns(self) -> bool:
        """Whether the class at ``present`` is called again beyond a gap."""
        low, high = self.stays
        classes = self.probabilities.argmax(axis=1)
        here = classes[int(np.abs(self.values - self.present).argmin())]
        beyond = (self.values < low) | (self.values > high)
        return bool((classes[beyond] == here).any())

    @property
    def changes(self) -> bool:
        """Whether another class is called anywhere on the way."""
        return self.stays != (float(self.values[0]), float(self.values[-1]))


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The class of the image as it is, and one sweep for each thing that moves."""

    predicted: str
    sweeps: tuple[Sweep, ...]


def sensitivity(
    engine: Engine, radiograph: Radiograph, geometry: Geometry | None = None
) -> Sensitivity:
    """Feed the radiograph as trained while its window moves, or gamma and clipping.

    Args:
        engine: the model.
        radiograph: from a reader, or any.
        geometry: how the image is fitted; by default as in training.

    Raises:
        EngineError: the model failed, or gave no finite number.
    """
    controls = radiograph.controls
    if controls is not None and controls.is_windowable and controls.window is not None:
        ways = _of_window(radiograph, controls, *controls.window)
    else:
        ways = _of_display(radiograph)
    images = (way.at(float(value)) for way in ways for value in way.values)
    # One by one: a full-size radiograph takes tens of megabytes.
    fit = geometry or engine.card.input.geometry
    displays = [fitted(image, fit) for image in chain((radiograph,), images)]
    logits = engine.forward(model_inputs(engine.card, displays)).logits
    check_logits(engine.card, logits)
    probabilities = np.asarray(calibrate_logits(engine.card, logits), np.float64)
    names = engine.card.class_names
    sweeps = tuple(
        way.sweep(probabilities[1 + i * POINTS : 1 + (i + 1) * POINTS])
        for i, way in enumerate(ways)
    )
    return Sensitivity(names[int(probabilities[0].argmax())], sweeps)


@dataclass(frozen=True, slots=True, eq=False)
class _Way:
    """What moves, where it goes, and the radiograph at each place."""

    name: str
    unit: str
    values: Values
    present: float
    marks: tuple[Mark, ...]
    at: Callable[[float], Radiograph]

    def sweep(self, probabilities: Values) -> Sweep:
        return Sweep(self.name, self.unit, self.values, probabilities, self.present, self.marks)


def _of_window(
    radiograph: Radiograph, controls: WindowControls, low: float, high: float
) -> tuple[_Way, _Way]:
    centre, width = (low + high) / 2.0, high - low
    others = [
        (offer.label, (offer.low + offer.high) / 2.0, offer.high - offer.low)
        for offer in controls.offers
        if offer.low is not None
        and offer.high is not None
        and (offer.low, offer.high) != (low, high)
    ]

    curve = controls.curve

    def shown(centre: float, width: float) -> Radiograph:
        if isinstance(curve, WindowCurve):  # the file's own function, not a straight line
            return through_curve(radiograph, replace(curve, center=centre, width=width))
        return rewindow(radiograph, centre - width / 2.0, centre + width / 2.0)

    shifts = np.linspace(centre - _SHIFT * width, centre + _SHIFT * width, POINTS)
    widths = width * np.geomspace(1.0 / _FACTOR, _FACTOR, POINTS)
    return (
        _Way(
            "window centre", "modality value", shifts, centre,
            _on_the_way(shifts, [(label, c) for label, c, _ in others]),
            lambda value: shown(value, width),
        ),
        _Way(
            "window width", "modality value", widths, width,
            _on_the_way(widths, [(label, w) for label, _, w in others]),
            lambda value: shown(centre, value),
        ),
    )  # fmt: skip


def _on_the_way(values: Values, places: list[tuple[str, float]]) -> tuple[Mark, ...]:
    return tuple(Mark(label, p) for label, p in places if values[0] <= p <= values[-1])


def _of_display(radiograph: Radiograph) -> tuple[_Way, _Way]:
    gammas = np.geomspace(1.0 / _GAMMA, _GAMMA, POINTS)
    clips = np.linspace(0.0, _CLIP, POINTS)
    both = np.quantile(radiograph.pixels, np.concatenate([clips, 1.0 - clips]))
    ends = dict(
        zip(clips, np.clip(both / radiograph.white, 0.0, 1.0).reshape(2, -1).T, strict=True)
    )

    def clipped(fraction: float) -> Radiograph:
        low, high = ends[fraction]
        spread = max(float(high - low), 1e-6)
        return _changed(radiograph, lambda display: np.clip((display - low) / spread, 0.0, 1.0))

    return (
        _Way(
            "gamma", "", gammas, 1.0, (),
            lambda gamma: _changed(radiograph, lambda display: display**gamma),
        ),
        _Way(
            "clipped at either end", "fraction of the pixels", clips, 0.0, (),
            lambda fraction: radiograph if fraction == 0.0 else clipped(fraction),
        ),
    )  # fmt: skip


def _changed(radiograph: Radiograph, change: Callable[[FloatArray], FloatArray]) -> Radiograph:
    """Change each pixel in the display domain; of whole numbers each value once, for their number.

    An image of 64 million pixels has at most 65,536 values.
    """
    pixels, white = radiograph.pixels, np.float32(radiograph.white)
    if pixels.dtype not in (np.uint8, np.uint16):
        changed = change(radiograph.display)
    else:
        values = np.arange(np.iinfo(pixels.dtype).max + 1, dtype=np.float32)
        changed = change(np.clip(values / white, 0.0, 1.0)).astype(np.float32)[pixels]
    return replace(radiograph, pixels=read_only(changed.astype(np.float32, copy=False)), white=1.0)
