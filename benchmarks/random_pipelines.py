"""Random pipelines, written with Pillow, scikit-image and numpy as people write them.

Nothing here uses ``xray_app.pipeline``, which has to find out what they do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xray_app.core.images import Geometry

Array = NDArray[Any]
Rng = np.random.Generator
_MEAN, _STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
_CAFFE = np.array([103.939, 116.779, 123.68])
_PILLOW = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "nearest": Image.Resampling.NEAREST,
}
_TURNS: dict[str, Callable[[Array], Array]] = {
    "mirrored": lambda x: x[:, ::-1],
    "upside down": lambda x: x[::-1],
    "turned 180": lambda x: x[::-1, ::-1],
    "turned clockwise": lambda x: np.rot90(x, -1),
    "turned counterclockwise": np.rot90,
}


@dataclass(frozen=True, slots=True)
class RandomPipeline:
    """A pipeline, its words, and whether every step is one that the solver knows."""

    words: tuple[str, ...]
    is_known: bool
    kind: str
    shape: tuple[int, int]
    run: Callable[[Array], Array]

    def image(self, rng: Rng) -> Array:
        """An image such as this pipeline takes."""
        return made_radiograph(rng, self.shape, self.kind)


def made_radiograph(rng: Rng, shape: tuple[int, int], kind: str = "uint8") -> Array:
    """An image of smooth shapes, fine structure and grain, unlike its own mirror image.

    Args:
        rng: where chance comes from.
        shape: height and width.
        kind: "uint8", "uint16" (12 bits in 16, scaled up) or "colour" (uint8, three channels).
    """
    from scipy.ndimage import gaussian_filter

    rows, columns = np.mgrid[: shape[0], : shape[1]] / max(shape)
    body = np.exp(-(((columns - rng.uniform(0.3, 0.5)) / 0.35) ** 2) - (rows - 0.45) ** 2 / 0.2)
    lungs = sum(
        np.exp(-(((columns - x) / 0.09) ** 2) - ((rows - rng.uniform(0.35, 0.5)) / 0.2) ** 2)
        for x in (0.22, 0.58)
    )
    ribs = 0.06 * np.sin(rows * rng.uniform(50, 70) + columns * rng.uniform(4, 9))
    blots = gaussian_filter(rng.standard_normal(shape), max(shape) / 30.0)
    grain = gaussian_filter(rng.standard_normal(shape), 0.8)
    image = body - 0.6 * lungs + ribs + 0.1 * blots / blots.std() + 0.02 * grain / grain.std()
    low, high = np.percentile(image, (0.5, 99.7))
    low, high = low - rng.uniform(0.0, 0.2), high + rng.uniform(0.0, 0.3)
    gray = np.clip((image - low) / (high - low), 0.0, 1.0)
    if kind == "uint16":
        return (gray * 4095).astype(np.uint16) * 16
    if kind == "uint8":
        return (gray * 255).astype(np.uint8)
    tint = gaussian_filter(rng.standard_normal((*shape, 3)), (20, 20, 0))
    colour = gray[..., np.newaxis] + 0.1 * tint / tint.std()
    return (np.clip(colour, 0.0, 1.0) * 255).astype(np.uint8)


def random_pipeline(rng: Rng, unknown: float = 0.1) -> RandomPipeline:
    """Draw a pipeline; with probability ``unknown`` one step is none that the solver knows."""
    kind = str(rng.choice(["uint8", "uint8", "uint8", "uint16", "colour"]))
    shape = int(rng.integers(100, 320)), int(rng.integers(100, 320))
    steps, words = zip(*(_turn(rng), _gray(rng, kind), _before_and_after(rng, kind)), strict=True)
    foreign, foreign_words = _unknown(rng) if rng.random() < unknown else (None, "")
    scale, scale_words = _scale(rng)
    layout, layout_words = _layout(rng, kind)
    white = 65535.0 if kind == "uint16" else 255.0

    def run(image: Array) -> Array:
        for step in steps[:2]:
            image = step(image)
        planes = np.atleast_3d(image)
        made = np.stack([steps[2](plane, white) for plane in planes.transpose(2, 0, 1)], axis=-1)
        made = foreign(made) if foreign else made
        return layout(scale(made))

    said = tuple(filter(None, (kind, *words, foreign_words, scale_words, layout_words)))
    return RandomPipeline(said, foreign is None, kind, shape, run)


def _turn(rng: Rng) -> tuple[Callable[..., Array], str]:
    if rng.random() < 0.7:
        return lambda x: x, ""
    name = str(rng.choice(list(_TURNS)))
    return _TURNS[name], name


def _gray(rng: Rng, kind: str) -> tuple[Callable[..., Array], str]:
    if kind != "colour" or rng.random() < 0.6:
        return lambda x: x, ""
    if rng.random() < 0.5:
        return lambda x: np.asarray(Image.fromarray(np.ascontiguousarray(x)).convert("L")), "luma"
    return lambda x: x.mean(axis=-1), "mean of channels"


def _before_and_after(rng: Rng, kind: str) -> tuple[Callable[..., Array], str]:
    resize, words = _resize(rng, kind)
    contrast, contrast_words = _contrast(rng, kind)
    if not contrast_words:
        return resize, words
    if rng.random() < 0.5:
        return lambda x, white: contrast(resize(x, white)), f"{words}, then {contrast_words}"
    return (
        lambda x, white: resize(contrast(x.astype(np.float64) / white), 1.0),
        f"{contrast_words}, then {words}",
    )


def _resize(rng: Rng, kind: str) -> tuple[Callable[..., Array], str]:
    """From stored values to [0, 1] at the input's size."""
    height, width = int(rng.integers(48, 100)), int(rng.integers(48, 100))
    library = rng.choice(["product", "product", "product", "skimage", "pillow", "stride"])
    if library == "stride":
        return lambda x, white: _strided(x, height, width) / white, "every n-th pixel"
    if library == "skimage":
        return lambda x, white: _scikit_image(x, height, width) / white, "skimage resize"
    kernel = str(rng.choice(list(_PILLOW)))
    if library == "pillow" and kind != "uint16":
        return (
            lambda x, white: _pillow(x, height, width, kernel, white) / white,
            f"Pillow {kernel}",
        )
    fit = str(rng.choice(["stretch", "pad", "crop", "resize-crop"]))
    kernel = str(rng.choice(["nearest", "bilinear", "bicubic", "area", "lanczos"]))
    antialias, padding = bool(rng.random() < 0.6), float(rng.choice([0.0, 0.0, 1.0]))
    to = int(rng.integers(max(height, width), 2 * max(height, width)))
    chosen = to if rng.random() < 0.5 else None
    geometry = Geometry(height, width, fit, kernel, antialias, padding, chosen)
    return lambda x, white: geometry.of(x, white) / white, f"{fit} {geometry.text}"


def _strided(x: Array, height: int, width: int) -> Array:
    rows = np.arange(height) * x.shape[0] // height
    return x[rows][:, np.arange(width) * x.shape[1] // width].astype(np.float64)


def _scikit_image(x: Array, height: int, width: int) -> Array:
    from skimage.transform import resize

    return np.asarray(resize(x.astype(np.float64), (height, width), anti_aliasing=True))


def _pillow(x: Array, height: int, width: int, kernel: str, white: float) -> Array:
    """On bytes where there are bytes, on floats else."""
    image = Image.fromarray(np.ascontiguousarray(x if x.dtype == np.uint8 else x.astype("f4")))
    return np.asarray(image.resize((width, height), _PILLOW[kernel]), np.float64)


def _contrast(rng: Rng, kind: str) -> tuple[Callable[..., Array], str]:
    from skimage import exposure

    if rng.random() < 0.45 or kind == "colour":
        return lambda x: x, ""
    gamma = round(float(rng.uniform(0.4, 2.2)), 2)
    low, high = round(float(rng.uniform(0.02, 0.3)), 2), round(float(rng.uniform(0.6, 0.97)), 2)
    steps: dict[str, Callable[[Array], Array]] = {
        "minmax": lambda x: (x - x.min()) / (x.max() - x.min()),
        "percentile": lambda x: np.clip(
            (x - np.percentile(x, 2)) / (np.percentile(x, 98) - np.percentile(x, 2)), 0, 1
        ),
        "equalize": exposure.equalize_hist,
        "CLAHE": lambda x: exposure.equalize_adapthist(np.clip(x, 0, 1), clip_limit=0.01),
        f"gamma {gamma}": lambda x: np.clip(x, 0, 1) ** gamma,
        f"window {low} {high}": lambda x: np.clip((x - low) / (high - low), 0, 1),
    }
    name = str(rng.choice(list(steps)))
    return steps[name], name


def _scale(rng: Rng) -> tuple[Callable[..., Array], str]:
    mean, std = rng.uniform(0.3, 0.6), rng.uniform(0.15, 0.3)
    steps: dict[str, Callable[[Array], Array]] = {
        "bytes": lambda x: x * 255.0,
        "unit": lambda x: x,
        "signed": lambda x: x * 2.0 - 1.0,
        "ImageNet": lambda x: (x - _MEAN) / _STD,
        "caffe": lambda x: x * 255.0 - _CAFFE,
        "data set": lambda x: (x - mean) / std,
        "z-score": lambda x: (x - x.mean()) / x.std(),
        "inverted": lambda x: 1.0 - x,
        "whole bytes": lambda x: np.rint(np.clip(x, 0, 1) * 255.0),
    }
    name = str(rng.choice(list(steps)))
    return steps[name], name


def _layout(rng: Rng, kind: str) -> tuple[Callable[..., Array], str]:
    orders: dict[str, Callable[[Array], Array]] = {
        "HWC": lambda x: x,
        "CHW": lambda x: x.transpose(2, 0, 1),
        "NHWC": lambda x: x[np.newaxis],
        "NCHW": lambda x: x.transpose(2, 0, 1)[np.newaxis],
    }
    name = str(rng.choice(list(orders)))
    is_reversed = kind == "colour" and rng.random() < 0.5
    dtype: Any = np.float16 if rng.random() < 0.1 else np.float32
    words = f"{'BGR ' if is_reversed else ''}{name} {np.dtype(dtype).name}"
    return lambda x: orders[name](x[..., ::-1] if is_reversed else x).astype(dtype), words


def _unknown(rng: Rng) -> tuple[Callable[[Array], Array], str]:
    from scipy.ndimage import gaussian_filter, rotate

    angle, seed = float(rng.uniform(2, 10)), int(rng.integers(1 << 30))
    steps: dict[str, Callable[[Array], Array]] = {
        "turned by a few degrees": lambda x: rotate(x, angle, reshape=False, order=1),
        "noise": lambda x: x + np.random.default_rng(seed).normal(0, 0.02, x.shape),
        "blurred": lambda x: gaussian_filter(x, (1.0, 1.0, 0.0)),
        "sharpened": lambda x: 2.0 * x - gaussian_filter(x, (1.0, 1.0, 0.0)),
        "moved by pixels": lambda x: np.roll(x, (3, 5), (0, 1)),
        "wavy curve": lambda x: x + 0.05 * np.sin(12.0 * x),
    }
    name = str(rng.choice(list(steps)))
    return steps[name], f"[{name}]"
