"""Images for the load test, one for each visitor, and what each must show, computed alone."""

import io
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from xray_app.core.normalization import PRESETS
from xray_app.diagnosis import Choices, diagnose
from xray_app.engines import default_model, open_engine
from xray_app.presentation import diagnosis_to_dict
from xray_app.readers import read_radiograph
from xray_app.samples import list_samples, read_sample

SIDE = 1800  # with this grain, a PNG of 1.9 MB
GRAIN = 4.4


@dataclass(frozen=True)
class VisitorImage:
    """A PNG and the results that belong to it.

    Attributes:
        name: the file's name, which no other visitor's file has.
        digest: the beginning of the name in a downloaded result.
        expected: what ``diagnosis_to_dict`` says, by scheme, computed in this process.
    """

    name: str
    data: bytes
    digest: str
    expected: dict[str, dict[str, Any]] = field(repr=False)


def make_images(count: int) -> list[VisitorImage]:
    """``count`` different images with their results under every preset."""
    with closing(open_engine(default_model())) as engine:
        images = []
        for index in range(count):
            data = synthetic_png(index)
            radiograph = read_radiograph(data)
            digest = f"radiograph-{radiograph.digest[:12]}"
            expected = {
                name: diagnosis_to_dict(diagnose(engine, radiograph, Choices(name)), digest)
                for name in PRESETS
            }
            images.append(VisitorImage(f"visitor-{index}.png", data, digest, expected))
    return images


def synthetic_png(index: int) -> bytes:
    """An AI-generated sample with a contrast, a position and a film grain that only it has."""
    random = np.random.default_rng(index)
    names = list_samples()
    sample = Image.open(io.BytesIO(read_sample(names[index % len(names)]))).convert("L")
    side = sample.width
    left, top = random.integers(0, side // 20, 2)
    crop = sample.crop((left, top, left + side * 0.95, top + side * 0.95))
    large = np.asarray(crop.resize((SIDE, SIDE), Image.Resampling.BICUBIC), np.float32)
    gray = 255.0 * (large / 255.0) ** random.uniform(0.85, 1.15)
    gray += GRAIN * random.standard_normal(gray.shape, dtype=np.float32)
    buffer = io.BytesIO()
    Image.fromarray(np.rint(gray.clip(0, 255)).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def differences(image: VisitorImage, result: dict[str, Any], scheme: str) -> list[str]:
    """Where a downloaded result is not this image's own under ``scheme``."""
    expected = image.expected[scheme]
    wrong = [name for name in ("file", "scheme", "predicted") if result[name] != expected[name]]
    numbers = [("probabilities", name) for name in expected["probabilities"]]
    numbers += [("input", name) for name in ("min", "max", "mean", "std")]
    return wrong + [
        f"{part}.{name}"
        for part, name in numbers
        if _differs(expected[part][name], result[part][name])
    ]


def _differs(expected: float, received: float) -> bool:
    # Another number of threads may add up in another order.
    return abs(expected - received) > 1e-3 * max(1.0, abs(expected))


def megabytes(images: Iterable[VisitorImage]) -> float:
    """Mean size of the files, in MB (10**6 bytes)."""
    return float(np.mean([len(image.data) for image in images])) / 1e6
