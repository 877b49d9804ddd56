"""The same radiograph as it might also have come: turned, inverted, or handled on the way.

Arrays are (H, W) float32 in [0, 1], the display domain, and are never changed.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from xray_app.core import FloatArray, Kind
from xray_app.core.images import resize, stored_as_jpeg

Variation = Callable[[FloatArray], FloatArray]


def turned(kind: Kind, display: FloatArray, random: np.random.Generator) -> FloatArray:
    """What the gate should call ``kind``, made from an upright radiograph.

    A film that hangs upside down is turned by 180 degrees, one that was scanned from its back as
    well is mirrored, too; both count as upside down. Sideways is to the left or to the right.
    """
    if kind == "negative":
        made = 1.0 - display
    elif kind == "upside_down":
        made = display[::-1] if random.random() < 0.3 else display[::-1, ::-1]
    elif kind == "sideways":
        made = np.rot90(display, random.choice((1, 3)))
    else:
        made = display
    return np.ascontiguousarray(made, np.float32)


def handled(display: FloatArray, random: np.random.Generator) -> FloatArray:
    """Handle a radiograph at random as cameras, viewers and uploads do.

    Each of these happens at random: mirrored, turned by up to 5 degrees, trimmed at the edges by up
    to 8 %, another gamma (0.6 to 1.6), another window, a marker or letters, a frame, blur, fewer
    pixels on the way (at least 40 %), JPEG (quality 30 to 95). A model of a source then rests less
    on how its files were made; all kinds are handled alike, so that no look tells one.
    """
    steps: tuple[Variation, ...] = (
        lambda x: x[:, ::-1],
        lambda x: tilted(x, random.uniform(-5.0, 5.0)),
        lambda x: trimmed(x, random),
        lambda x: gamma(x, float(np.exp(random.uniform(-0.5, 0.5)))),
        lambda x: windowed(x, random.uniform(-0.1, 0.15), random.uniform(0.85, 1.15)),
        lambda x: lettered(x, random),
        lambda x: framed(x, random),
        lambda x: blurred(x, random.uniform(0.0, 1.2)),
        lambda x: reduced(x, random.uniform(0.4, 1.0)),
        lambda x: stored_as_jpeg(x, int(random.integers(30, 96))),
    )
    for step in steps:
        if random.random() < 0.4:
            display = step(display)
    return np.ascontiguousarray(display, np.float32)


def trimmed(display: FloatArray, random: np.random.Generator) -> FloatArray:
    """Cut up to 8 % off each edge and stretch what is left to the size it had."""
    height, width = display.shape
    top, bottom = (int(height * random.uniform(0.0, 0.08)) for _ in range(2))
    left, right = (int(width * random.uniform(0.0, 0.08)) for _ in range(2))
    return resize(np.ascontiguousarray(display[top : height - bottom, left : width - right]),
                  height, width)  # fmt: skip


def tilted(display: FloatArray, degrees: float) -> FloatArray:
    """Turn about the middle; black where nothing was."""
    image = Image.fromarray(display)
    return np.asarray(image.rotate(degrees, Image.Resampling.BILINEAR), np.float32)


def lettered(display: FloatArray, random: np.random.Generator) -> FloatArray:
    """Put one to three letters or a lead marker's block somewhere along an edge."""
    height, width = display.shape
    image = Image.fromarray(np.rint(255.0 * display).astype(np.uint8))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=int(random.integers(8, 28)))
    edge = float(random.uniform(0.0, 0.15))
    top = height * (edge if random.random() < 0.6 else 0.95 - edge)
    left, gray = width * random.uniform(0.0, 0.9), int(random.integers(180, 256))
    if random.random() < 0.7:
        text = "".join(random.choice(list("RLAPSITZDEM10"), int(random.integers(1, 4))))
        draw.text((left, top), text, fill=gray, font=font)
    else:
        draw.rectangle([left, top, left + 0.05 * width, top + 0.03 * height], fill=gray)
    return np.asarray(image, np.float32) / np.float32(255.0)


def framed(display: FloatArray, random: np.random.Generator) -> FloatArray:
    """Cover up to 8 % along some edges with black, seldom with white."""
    made, (height, width) = display.copy(), display.shape
    gray = 1.0 if random.random() < 0.15 else 0.0
    depths = [int(random.uniform(0.0, 0.08) * side) for side in (height, height, width, width)]
    top, bottom, left, right = (d if random.random() < 0.6 else 0 for d in depths)
    made[:top], made[height - bottom :] = gray, gray
    made[:, :left], made[:, width - right :] = gray, gray
    return made


def blurred(display: FloatArray, sigma: float) -> FloatArray:
    """Blur by a Gaussian of ``sigma`` pixels."""
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(display, sigma), np.float32)


def gamma(display: FloatArray, exponent: float) -> FloatArray:
    """Raise to ``exponent``: below 1 brightens, above 1 darkens the middle grays."""
    return np.power(display, np.float32(exponent))


def windowed(display: FloatArray, low: float, high: float) -> FloatArray:
    """Show ``low`` as black and ``high`` as white."""
    made: FloatArray = np.clip((display - low) / (high - low), 0.0, 1.0).astype(np.float32)
    return made


def reduced(display: FloatArray, fraction: float) -> FloatArray:
    """Lose detail: down to ``fraction`` of the pixels a side and back."""
    height, width = display.shape
    small = resize(display, max(1, round(height * fraction)), max(1, round(width * fraction)))
    return np.clip(resize(small, height, width), 0.0, 1.0)
