"""Images as PNG and the geometry of the histograms, so that all documents show the same.

Coordinates are in the unit square with y upwards; who draws chooses the size and the colours.
"""

from dataclasses import dataclass

import numpy as np

from xray_app.core import AnyArray, Histogram
from xray_app.core.images import encode_png
from xray_app.core.text import ends_text
from xray_app.diagnosis import Stage

Points = tuple[tuple[float, float], ...]
_NARROW = 0.1

TITLES = {
    "File": "In the file",
    "Model input": "Model input under this scheme",
    "First convolution": "At the first convolution",
}


@dataclass(frozen=True, slots=True)
class Outline:
    """One histogram as a line of steps from (0, 0) to (1, 0), to be filled or dotted.

    ``kind`` is "chosen", "channel 1" to "channel 3", or "trained".
    """

    kind: str
    points: Points


@dataclass(frozen=True, slots=True)
class Plot:
    """Histograms over one axis from ``low`` to ``high``.

    Attributes:
        caption: range, mean and deviation in words.
        note: said in the plot where all pixels are squeezed into a tenth of the axis, a spike that
            is easily overlooked; else empty. ``note_at`` is where they are, in [0, 1].
    """

    title: str
    low: float
    high: float
    outlines: tuple[Outline, ...]
    caption: str
    note: str
    note_at: float

    @property
    def description(self) -> str:
        """The caption, and what the dotted line is where there is one."""
        trained = any(one.kind == "trained" for one in self.outlines)
        return f"{self.caption}." + (" Dotted: as in training." if trained else "")


def plot(stage: Stage) -> Plot:
    """The plot of one stage: a line a channel, and the training reference where there is one."""
    named = [
        ("chosen" if len(stage.channels) == 1 else f"channel {i}", channel)
        for i, channel in enumerate(stage.channels, 1)
    ]
    if stage.trained is not None:
        named.append(("trained", stage.trained))
    low = min(float(values.edges[0]) for _, values in named)
    high = max(float(values.edges[-1]) for _, values in named)
    s = stage.statistics
    ends = ends_text((s.min, s.max))
    is_narrow = stage.trained is not None and s.max - s.min <= _NARROW * (high - low)
    return Plot(
        TITLES.get(stage.name, stage.name),
        low,
        high,
        tuple(Outline(kind, outline(values, low, high)) for kind, values in named),
        f"{ends}, mean {s.mean:.4g}, std {s.std:.4g}",
        f"all pixels: {ends}" if is_narrow else "",
        ((s.min + s.max) / 2 - low) / (high - low),
    )


def outline(values: Histogram, low: float, high: float) -> Points:
    """Steps of a histogram over [low, high], relative to its highest bin between the ends.

    The two end bins are left out of that, and cut off at 1: a black background would flatten
    everything else.

    Args:
        values: counts (B,) and edges (B + 1,), all within [low, high].
        low, high: ends of the axis, low < high.

    Returns:
        2 B + 2 points (x, y) in [0, 1], from the axis to the axis.
    """
    inner = values.counts[1:-1]
    top = inner.max() if inner.any() else values.counts.max()
    heights = np.minimum(values.counts / max(int(top), 1), 1.0)
    places = (values.edges - low) / (high - low)
    x = np.repeat(places, 2)
    y = np.concatenate([[0.0], np.repeat(heights, 2), [0.0]])
    return tuple((round(float(a), 5), round(float(b), 5)) for a, b in zip(x, y, strict=True))


def png_of(image: AnyArray) -> bytes:
    """PNG of (H, W) float32 in [0, 1] or (H, W, 3) uint8."""
    return encode_png(image if image.dtype == np.uint8 else np.rint(255 * image).astype(np.uint8))
