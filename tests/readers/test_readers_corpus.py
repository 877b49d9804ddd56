"""Every file that pydicom, pydicom-data and scikit-image ship, read and compared; for ever.

DICOM images are compared with DCMTK's dcm2pnm (another decoder, other code throughout), pictures
with Pillow. What is refused, and why, and what no other decoder here reads is counted: a change of
any count is looked at before it is written down. imagecodecs and tifffile ship no images.
"""

import logging
import shutil
import subprocess
import warnings
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import files
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
import skimage
from PIL import Image, UnidentifiedImageError

from tests.readers.judge import judge
from xray_app.core.errors import InputError
from xray_app.core.records import Radiograph
from xray_app.readers import read_radiograph

NO_IMAGES = {".py", ".pyc", ".pyi", ".npy", ".xml"}
LUMA = 0.299, 0.587, 0.114
# Of the range of values: DCMTK gives 16 bits, and lossy codecs differ by a level of 8 bits.
TOLERANCE = 1.5 / 255
# DCMTK swaps the bytes of each 16 bits of a big-endian file, also where a value has 32; pydicom
# reads there what the little-endian twin of the file holds, and so does the app.
SWAPPED = {"rtdose_expb.dcm", "rtdose_expb_1frame.dcm"}

KINDS = {
    "without Rows and Columns": "no image",
    "text": "no image",
    "archive": "no image",
    "bytes of an unknown kind": "unknown",
}


def sources() -> Iterator[tuple[str, Path]]:
    """The corpus, as (package, file)."""
    folders = {
        "pydicom": Path(pydicom.__file__).parent / "data",
        "scikit-image": Path(skimage.__file__).parent / "data",
    }
    for package, folder in folders.items():
        yield from ((package, path) for path in sorted(folder.rglob("*")))
    try:
        shipped = files("pydicom-data") or []
    except ModuleNotFoundError:
        shipped = []
    yield from (("pydicom-data", Path(str(f.locate()))) for f in sorted(shipped, key=str))


def corpus(package: str) -> list[Path]:
    found = [p for name, p in sources() if name == package and p.is_file()]
    return [p for p in found if p.suffix not in NO_IMAGES and "dist-info" not in str(p)]


def verdict(path: Path, tmp_path: Path) -> str:
    """What came of a file: "same", "alone", "refused: ..." or "different ...: ..."."""
    try:
        radiograph = read_radiograph(path.read_bytes(), path.name)
    except InputError as error:
        kind = next((k for words, k in KINDS.items() if words in str(error)), path.name)
        return f"refused: {kind}"
    other = _dcmtk(path, tmp_path) if radiograph.file_format == "DICOM" else _pillow(path)
    if other is None:  # DCMTK has no JPEG 2000; pydicom's decoders have
        return {"image": "same for pydicom"}.get(judge(path.read_bytes(), True)[0], "alone")
    return "same" if _distance(radiograph, other) < TOLERANCE else f"different: {path.name}"


def _distance(radiograph: Radiograph, other: np.ndarray) -> float:
    """Largest departure from a straight line, as a fraction of the range of values."""
    own = radiograph.stored.astype(np.float64)
    if own.shape != other.shape:
        return np.inf
    line = np.stack([other.ravel(), np.ones(other.size)], axis=1)
    fitted = line @ np.linalg.lstsq(line, own.ravel(), rcond=None)[0]
    return float(np.abs(fitted - own.ravel()).max() / max(np.ptp(own), 1e-9))


def _dcmtk(path: Path, folder: Path) -> np.ndarray | None:
    out = folder / "dcmtk.png"
    out.unlink(missing_ok=True)
    command = ["dcmj2pnm", "-O", "+Wm", "+on2", "+F", "1", str(path), str(out)]
    subprocess.run(command, capture_output=True, check=False)
    return _gray(imagecodecs.png_decode(out.read_bytes())) if out.exists() else None


def _pillow(path: Path) -> np.ndarray | None:
    try:
        with Image.open(path) as image:
            if image.mode not in ("L", "RGB", "I;16") or "transparency" in image.info:
                return None
            return _gray(np.asarray(image))
    except UnidentifiedImageError:
        return None


def _gray(image: np.ndarray) -> np.ndarray:
    values = image.astype(np.float64)
    return values[..., :3] @ LUMA if values.ndim == 3 else values


EXPECTED = {
    "pydicom": {
        "same": 88,
        "same for pydicom": 13,
        "refused: no image": 95,
        "refused: unknown": 2,
        # Damaged on purpose: a delimiter inside the JPEG 2000 header, and half of the pixels.
        "refused: JPEG2000-embedded-sequence-delimiter.dcm": 1,
        "refused: MR_truncated.dcm": 1,
        # Headers of images without their pixels.
        "refused: chrJapMulti.dcm": 1,
        "refused: chrJapMultiExplicitIR6.dcm": 1,
        "refused: chrKoreanMulti.dcm": 1,
    },
    "pydicom-data": {"same": 49, "same for pydicom": 18, "refused: no image": 1},
    # Alone: palettes, a transparent picture, and a TIFF that Pillow does not know.
    "scikit-image": {"same": 25, "alone": 4, "refused: no image": 2},
}


@pytest.fixture
def loud() -> Iterator[None]:
    """Undo what ``judge`` does to the loggers of its own process, which is this one here."""
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("loud")
@pytest.mark.parametrize("package", EXPECTED)
def test_the_whole_corpus(package: str, tmp_path: Path) -> None:
    if not shutil.which("dcmj2pnm"):
        pytest.skip("DCMTK's dcmj2pnm is not installed")
    paths = corpus(package)
    if not paths:
        pytest.skip(f"{package} is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd headers are the point
        found = {path: verdict(path, tmp_path) for path in paths}
    swapped = {path for path in paths if path.name in SWAPPED}
    assert all(found.pop(path).startswith("different") for path in swapped)
    assert Counter(found.values()) == EXPECTED[package]


def test_what_dcmtk_swaps_is_read_as_its_little_endian_twin() -> None:
    folder = Path(pydicom.__file__).parent / "data" / "test_files"
    for name in SWAPPED:
        own = read_radiograph((folder / name).read_bytes()).stored
        twin = read_radiograph((folder / name.replace("_expb", "")).read_bytes()).stored
        np.testing.assert_array_equal(own, twin)
