"""What another fit than that of training does to an image: measured, then said in words."""

from dataclasses import dataclass

import numpy as np

from xray_app.core.images.geometry import FITS, Geometry
from xray_app.core.images.placement import Box
from xray_app.core.records import FloatArray

_PERCENT = 0.005  # less than half a percent is none
_UNIFORM = 1e-6


@dataclass(frozen=True, slots=True)
class GeometryEffect:
    """How an image was fitted into the model's input, and how that differs from training.

    Attributes:
        geometry, trained: how it was fitted, and how training would have fitted it.
        visible: fraction of the image's area that the input shows, (0, 1].
        padding: fraction of the input that shows nothing of the image, [0, 1).
        widening: how many times wider things look than in the image, for the same height.
        correlation: Pearson's with what training would have made of the image; None where one of
            them is uniform.
        difference: mean absolute difference from it, in display units [0, 1].
    """

    geometry: Geometry
    trained: Geometry
    visible: float
    padding: float
    widening: float
    correlation: float | None
    difference: float

    @property
    def is_trained(self) -> bool:
        """Whether the image was fitted as in training."""
        return self.geometry == self.trained

    @property
    def message(self) -> str:
        """What differs from training and by how much, a sentence without its subject."""
        if self.is_trained:
            return f"as in training: {self.geometry.text}."
        return f"{self._fit_differs()}{self._kernel_differs()}: {self._figures()}."

    def _fit_differs(self) -> str:
        if self.geometry.fit == self.trained.fit:
            text = FITS[self.geometry.fit].text
            here, there = text.format(self.geometry), text.format(self.trained)
            return "" if here == there else f"{here} where training had {there}"
        here, there = (FITS[g.fit].text.format(g) for g in (self.geometry, self.trained))
        return f"{here} where training had it {there}"

    def _kernel_differs(self) -> str:
        here, there = self.geometry.sampling, self.trained.sampling
        if here == there:
            return ""
        joined = ", and " if self._fit_differs() else ""
        return f"{joined}resampled {here} where training used {there}"

    def _figures(self) -> str:
        said = []
        if self.visible < 1.0 - _PERCENT:
            said.append(f"{1.0 - self.visible:.0%} of the image is cut off")
        if self.padding > _PERCENT:
            said.append(f"{self.padding:.0%} of the input is padding")
        if self.geometry.fit != self.trained.fit and abs(self.widening - 1.0) > _PERCENT:
            said.append(f"things look {self.widening:.2f} times as wide as they are")
        said.append(f"pixels differ by {self.difference:.3f} on average")
        if self.correlation is not None:
            said.append(f"correlation {self.correlation:.3f}")
        return ", ".join(said)


def measure_geometry(
    shape: tuple[int, int],
    geometry: Geometry,
    display: FloatArray,
    trained: Geometry,
    expected: FloatArray,
) -> GeometryEffect:
    """Compare an image fitted by ``geometry`` with the same image fitted as for training.

    Args:
        shape: height and width of the image before.
        geometry: how it was fitted.
        display: (H, W) float32 in [0, 1], what came of it.
        trained: how training fits.
        expected: (H, W) float32 in [0, 1], what would have come of that.

    >>> import numpy as np
    >>> image, square = np.array([[0.0, 1.0]]), Geometry(2, 2)
    >>> padded = Geometry(2, 2, "pad")
    >>> effect = measure_geometry((1, 2), padded, padded.of(image), square, square.of(image))
    >>> effect.padding, effect.widening, effect.difference
    (0.5, 1.0, 0.25)
    """
    height, width = shape
    box = geometry.box(height, width)
    inside = _overlap(box, height, width)
    across, down = geometry.width / box.width, geometry.height / box.height
    return GeometryEffect(
        geometry,
        trained,
        inside / (height * width),
        1.0 - inside / (box.height * box.width),
        across / down,
        _correlation(display, expected),
        float(np.abs(display - expected).mean(dtype=np.float64)),
    )


def _overlap(box: Box, height: int, width: int) -> float:
    tall = min(box.top + box.height, height) - max(box.top, 0.0)
    wide = min(box.left + box.width, width) - max(box.left, 0.0)
    return tall * wide


def _correlation(a: FloatArray, b: FloatArray) -> float | None:
    if np.ptp(a) < _UNIFORM or np.ptp(b) < _UNIFORM:
        return None
    return 1.0 if a is b else float(np.corrcoef(a.ravel(), b.ravel())[0, 1])
