"""Colour maps for heatmaps and the blend of a heatmap over a radiograph.

All three maps are perceptually uniform and readable with the common colour-vision deficiencies
(viridis, inferno: van der Walt and Smith 2015; cividis: Nunez, Anderton and Renslow 2018). Each is
kept as ten evenly spaced anchors of the published table, interpolated in between.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from xray_app.core.errors import UnknownChoice
from xray_app.core.records import FloatArray

COLOUR_MAPS: dict[str, tuple[str, ...]] = {
    "inferno": (
        "#000004", "#1b0c41", "#4a0c6b", "#781c6d", "#a52c60",
        "#cf4446", "#ed6925", "#fb9b06", "#f7d13d", "#fcffa4",
    ),
    "viridis": (
        "#440154", "#482878", "#3e4989", "#31688e", "#26828e",
        "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725",
    ),
    "cividis": (
        "#00224e", "#123570", "#3b496c", "#575d6d", "#707173",
        "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838",
    ),
}  # fmt: skip
# What an overlay looks like where nobody chose.
OPACITY, COLOURS = 0.6, "inferno"
# Finer than a screen's 256; one more than a multiple of the nine steps between ten anchors.
_LEVELS = 4096
_ROWS = 32  # blended at a time: what comes between stays in the processor's cache


def colourize(values: FloatArray, name: str) -> FloatArray:
    """Map values in [0, 1] (clipped) to colours.

    Args:
        values: float32 of any shape.
        name: a key of ``COLOUR_MAPS``.

    Returns:
        values.shape + (3,) float32 in [0, 1].

    Raises:
        UnknownChoice: the name is not registered.

    The first and last anchor of inferno are #000004 and #fcffa4:

    >>> import numpy as np
    >>> (255 * colourize(np.array([0.0, 1.0]), "inferno")).round().tolist()
    [[0.0, 0.0, 4.0], [252.0, 255.0, 164.0]]
    """
    colours: FloatArray = np.take(_table(name), _levels(values), axis=0)
    return colours


def _levels(values: FloatArray) -> NDArray[np.intp]:
    """Rows of a table for values in [0, 1] (clipped)."""
    levels = np.clip(np.asarray(values, np.float32), 0.0, 1.0) * np.float32(_LEVELS - 1)
    rows: NDArray[np.intp] = np.rint(levels).astype(np.intp)
    return rows


@cache
def _table(name: str) -> FloatArray:
    """The colours (``_LEVELS``, 3) of values from 0 to 1; interpolating per pixel takes longer."""
    if name not in COLOUR_MAPS:
        raise UnknownChoice.of("colour map", name, COLOUR_MAPS)
    anchors = np.array([[int(h[i : i + 2], 16) for i in (1, 3, 5)] for h in COLOUR_MAPS[name]])
    places, values = np.linspace(0.0, 1.0, len(anchors)), np.linspace(0.0, 1.0, _LEVELS)
    channels = [np.interp(values, places, anchors[:, c] / 255.0) for c in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def blend(
    display: FloatArray, heat: FloatArray, opacity: float = OPACITY, name: str = COLOURS
) -> NDArray[np.uint8]:
    """Lay a heatmap over a radiograph, more opaque where the evidence is stronger.

    The opacity of each pixel is ``opacity * heat``: where there is no evidence, the radiograph is
    left as it is, so an empty heatmap gives back the radiograph itself.

    Args:
        display: (H, W) float32 in [0, 1].
        heat: (H, W) float32; 0 is no evidence and 1 the top of the scale; clipped to [0, 1].
        opacity: in [0, 1], at the top of the scale.
        name: a key of ``COLOUR_MAPS``.

    Returns:
        (H, W, 3) uint8.

    Raises:
        UnknownChoice: the name is not registered.

    >>> import numpy as np
    >>> blend(np.array([[1.0, 1.0]]), np.array([[0.0, 1.0]]), opacity=1.0, name="inferno").tolist()
    [[[255, 255, 255], [252, 255, 164]]]
    """
    fractions = np.float32(opacity) * np.linspace(0.0, 1.0, _LEVELS, dtype=np.float32)
    added = np.float32(255.0) * fractions[:, np.newaxis] * _table(name)
    left = np.float32(255.0) * (np.float32(1.0) - fractions)
    mixed = np.empty((*display.shape, 3), np.uint8)
    for start in range(0, len(display), _ROWS):
        rows = slice(start, start + _ROWS)
        levels = _levels(heat[rows])
        colours = np.take(added, levels, axis=0)
        colours += (display[rows] * np.take(left, levels))[..., np.newaxis]
        mixed[rows] = np.rint(colours, out=colours)
    return mixed


# For and against, of Okabe and Ito: told apart with every common colour-vision deficiency.
FOR, AGAINST = "#E69F00", "#0072B2"
DIFFERENCE = (AGAINST, "#FFFFFF", FOR)  # of a scale from one end to the other; zero is clear


def blend_difference(
    display: FloatArray, heat: FloatArray, opacity: float = OPACITY
) -> NDArray[np.uint8]:
    """Lay the difference of two classes over a radiograph: orange for, blue against.

    The opacity of each pixel is ``opacity * |heat|``, so that zero leaves the radiograph as it is.

    Args:
        display: (H, W) float32 in [0, 1].
        heat: (H, W) float32 in [-1, 1].
        opacity: in [0, 1], at either end of the scale.

    Returns:
        (H, W, 3) uint8.

    >>> import numpy as np
    >>> blend_difference(np.ones((1, 3)), np.array([[-1.0, 0.0, 1.0]]), opacity=1.0).tolist()
    [[[0, 114, 178], [255, 255, 255], [230, 159, 0]]]
    """
    warm, cold = (np.array(list(bytes.fromhex(h[1:])), np.float32) for h in (FOR, AGAINST))
    strength = (np.float32(opacity) * np.abs(heat))[..., np.newaxis]
    colours = np.where(heat[..., np.newaxis] > 0.0, warm, cold)
    gray = np.float32(255.0) * display[..., np.newaxis]
    mixed: NDArray[np.uint8] = np.rint(gray * (1.0 - strength) + colours * strength).astype(
        np.uint8
    )
    return mixed


def heat_palette(levels: int, opacity: float, name: str | None) -> NDArray[np.uint8]:
    """The colours of a heatmap that is laid over a radiograph elsewhere, by level.

    Laid over gray as usual ("source over") they give what ``blend`` or ``blend_difference`` gives.

    Args:
        levels: how many, from no evidence to the top of the scale; of a difference, from one top
            to the other, so that an odd number has zero in its middle.
        opacity: in [0, 1], at the top of the scale.
        name: a key of ``COLOUR_MAPS``; None for a difference.

    Returns:
        (levels, 4) uint8: red, green, blue, alpha.

    Raises:
        UnknownChoice: the name is not registered.

    >>> heat_palette(2, 1.0, "inferno").tolist()
    [[0, 0, 4, 0], [252, 255, 164, 255]]
    >>> heat_palette(3, 0.5, None).tolist()
    [[0, 114, 178, 128], [0, 114, 178, 0], [230, 159, 0, 128]]
    """
    if name is None:
        signed = np.linspace(-1.0, 1.0, levels, dtype=np.float32)
        warm, cold = (np.array(list(bytes.fromhex(h[1:])), np.float32) for h in (FOR, AGAINST))
        strength, colours = np.abs(signed), np.where(signed[:, np.newaxis] > 0.0, warm, cold)
    else:
        strength = np.linspace(0.0, 1.0, levels, dtype=np.float32)
        colours = np.float32(255.0) * colourize(strength, name)
    alpha = np.float32(255.0 * opacity) * strength
    rounded: NDArray[np.uint8] = np.rint(np.column_stack([colours, alpha])).astype(np.uint8)
    return rounded
