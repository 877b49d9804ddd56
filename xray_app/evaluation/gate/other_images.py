"""Images that are no chest radiograph: the few that installed packages ship, and drawn ones.

Each source of images is used either to fit the gate or to report on it, never for both.
"""

import importlib.util
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from xray_app.core import FloatArray, XrayAppError
from xray_app.core.images import resize
from xray_app.readers import read_radiograph

Drawing = Callable[[int, np.random.Generator], FloatArray]

# Photographs, micrographs and textures of scikit-image; CT, MR, ultrasound and scintigrams of
# pydicom. Alike images (two frames, two textures, two head CTs) are kept on one side.
FIT_FILES = (
    "skimage/data/astronaut.png",
    "skimage/data/brick.png",
    "skimage/data/camera.png",
    "skimage/data/cell.png",
    "skimage/data/chelsea.png",
    "skimage/data/clock_motion.png",
    "skimage/data/coffee.png",
    "skimage/data/coins.png",
    "skimage/data/color.png",
    "skimage/data/grass.png",
    "skimage/data/gravel.png",
    "skimage/data/hubble_deep_field.jpg",
    "skimage/data/ihc.png",
    "pydicom/data/test_files/693_J2KI.dcm",
    "pydicom/data/test_files/J2K_pixelrep_mismatch.dcm",
    "pydicom/data/test_files/MR_small.dcm",
    "pydicom/data/test_files/JPEG2000.dcm",
    "pydicom/data/test_files/examples_rgb_color.dcm",
    "pydicom/data/test_files/examples_ybr_color.dcm",
)
REPORT_FILES = (
    "skimage/data/horse.png",
    "skimage/data/logo.png",
    "skimage/data/microaneurysms.png",
    "skimage/data/moon.png",
    "skimage/data/motorcycle_left.png",
    "skimage/data/page.png",
    "skimage/data/phantom.png",
    "skimage/data/retina.jpg",
    "skimage/data/rocket.jpg",
    "skimage/data/text.png",
    "pydicom/data/test_files/CT_small.dcm",
    "pydicom/data/test_files/examples_overlay.dcm",
    "pydicom/data/test_files/examples_palette.dcm",
    "pydicom/data/test_files/image_dfl.dcm",
)


def read_installed(names: tuple[str, ...]) -> dict[str, FloatArray]:
    """The named files of installed packages, by file name, in the display domain.

    A package that is not installed, or a file that it no longer ships, is left out.
    """
    found = {}
    for name in names:
        package, _, rest = name.partition("/")
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            continue
        path = Path(spec.submodule_search_locations[0]) / rest
        with warnings.catch_warnings():  # test files are odd on purpose
            warnings.simplefilter("ignore")
            try:
                found[path.name] = read_radiograph(path.read_bytes(), path.name).display
            except (OSError, XrayAppError):
                continue
    return found


def views(image: FloatArray, size: int, random: np.random.Generator) -> Iterator[FloatArray]:
    """Endless views of one image, (size, size): the whole first, then crops of at least half."""
    yield np.clip(resize(image, size, size), 0.0, 1.0)
    height, width = image.shape
    while True:
        fraction = random.uniform(0.5, 1.0)
        rows, columns = max(1, int(height * fraction)), max(1, int(width * fraction))
        top = random.integers(0, height - rows + 1)
        left = random.integers(0, width - columns + 1)
        crop = np.ascontiguousarray(image[top : top + rows, left : left + columns])
        yield np.clip(resize(crop, size, size), 0.0, 1.0)


def blank(size: int, random: np.random.Generator) -> FloatArray:
    """One gray value."""
    return np.full((size, size), random.random(), np.float32)


def gradient(size: int, random: np.random.Generator) -> FloatArray:
    """A linear ramp in any direction."""
    angle = random.uniform(0.0, 2.0 * np.pi)
    rows, columns = np.mgrid[0:size, 0:size] / (size - 1)
    return _stretched(np.cos(angle) * columns + np.sin(angle) * rows)


def noise(size: int, random: np.random.Generator) -> FloatArray:
    """Noise of any grain, from single pixels to a quarter of the image."""
    grains = int(np.exp(random.uniform(np.log(4), np.log(size))))
    return _stretched(resize(random.random((grains, grains), np.float32), size, size))


def shapes(size: int, random: np.random.Generator) -> FloatArray:
    """Overlapping ellipses and rectangles."""
    image = Image.new("L", (size, size), int(random.integers(256)))
    draw = ImageDraw.Draw(image)
    for _ in range(random.integers(2, 12)):
        ends = np.sort(random.integers(0, size, (2, 2)), axis=0).ravel().tolist()
        shape = draw.ellipse if random.random() < 0.5 else draw.rectangle
        shape(ends, fill=int(random.integers(256)))
    return _from_image(image)


def stripes(size: int, random: np.random.Generator) -> FloatArray:
    """A grating, or two of them crossed as a chessboard."""
    rows, columns = np.mgrid[0:size, 0:size]
    period = random.uniform(8.0, size / 2)
    made = np.sin(2.0 * np.pi * columns / period)
    if random.random() < 0.5:
        made = np.sign(made) * np.sign(np.sin(2.0 * np.pi * rows / period) + 1e-9)
    return _stretched(made)


def blobs(size: int, random: np.random.Generator) -> FloatArray:
    """Soft bright spots on black, as on a scintigram or in a microscope."""
    rows, columns = np.mgrid[0:size, 0:size]
    made = np.zeros((size, size))
    for _ in range(random.integers(1, 15)):
        row, column = random.uniform(0, size, 2)
        width = random.uniform(0.02, 0.2) * size
        made += random.random() * np.exp(
            -((rows - row) ** 2 + (columns - column) ** 2) / (2.0 * width**2)
        )
    return _stretched(made)


def text_page(size: int, random: np.random.Generator) -> FloatArray:
    """Lines of letters, dark on light or light on dark."""
    dark_on_light = random.random() < 0.7
    image = Image.new("L", (size, size), 245 if dark_on_light else 10)
    size_of_letters = int(random.integers(8, 22))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=size_of_letters)
    step = int(1.3 * size_of_letters)
    for top in range(step, size - step, step):
        words = ("".join(random.choice(list("abcdefghinorstu"), random.integers(2, 9)))
                 for _ in range(int(random.integers(3, 12))))  # fmt: skip
        draw.text((step, top), " ".join(words), fill=20 if dark_on_light else 240, font=font)
    return _from_image(image)


def hand(size: int, random: np.random.Generator) -> FloatArray:
    """A palm with five fingers, bright on dark with brighter bones: a stand-in for a hand film."""
    image = Image.new("L", (size, size), int(random.integers(0, 40)))
    draw = ImageDraw.Draw(image)
    flesh, bone = int(random.integers(70, 140)), int(random.integers(160, 255))
    centre, radius = np.array([size / 2, size * 0.68]), size * random.uniform(0.16, 0.24)
    draw.ellipse([*(centre - radius), *(centre + radius)], fill=flesh)
    for i, angle in enumerate(np.linspace(-1.1, 0.6, 5) + random.normal(0.0, 0.06, 5)):
        length = size * (0.32 if i == 0 else random.uniform(0.42, 0.55))
        direction = np.array([np.sin(angle), -np.cos(angle)])
        start, end = centre + 0.2 * radius * direction, centre + length * direction
        draw.line([*start, *end], fill=flesh, width=int(size * 0.09))
        for joint in np.linspace(0.3, 0.8, 3):
            bone_end = start + (joint + 0.18) * (end - start)
            draw.line([*(start + joint * (end - start)), *bone_end], fill=bone,
                      width=int(size * 0.035))  # fmt: skip
    spin = random.uniform(-25.0, 25.0)
    return _from_image(image.rotate(spin, Image.Resampling.BILINEAR))


FIT_DRAWINGS: tuple[Drawing, ...] = (blank, gradient, noise, shapes)
REPORT_DRAWINGS: tuple[Drawing, ...] = (stripes, blobs, text_page, hand)


def _from_image(image: Image.Image) -> FloatArray:
    return np.asarray(image, np.float32) / np.float32(255.0)


def _stretched(values: np.ndarray) -> FloatArray:
    low, high = float(values.min()), float(values.max())
    made: FloatArray = ((values - low) / max(high - low, 1e-12)).astype(np.float32)
    return made
