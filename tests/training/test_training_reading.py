"""Training and study see of each file what the app's page shows of it, to the last bit."""

import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.fakes import SIZE, FakeEngine
from tests.readers.reader_files import DEEP, dicom, exif_block, pillow, png, tiff
from tests.training.training_data import write_splits
from xray_app.cards.as_trained import to_model_size
from xray_app.core.errors import InputError
from xray_app.core.images import Geometry
from xray_app.readers import read_isolated
from xray_app.training.data.reading import Dataset, load_dataset

SCENE = np.add.outer(7 * np.arange(30), 3 * np.arange(22)).astype(np.uint8)  # no symmetry
COLOUR = np.stack([SCENE, SCENE[::-1], SCENE[:, ::-1]], -1)
CLEAR = np.dstack([COLOUR, SCENE])  # with transparency
NOISE = np.random.default_rng(2)


def saved(image: Image.Image, kind: str) -> bytes:
    out = BytesIO()
    image.save(out, kind)
    return out.getvalue()


FILES: dict[str, bytes] = {
    **{f"exif{k}.jpeg": pillow(SCENE, "JPEG", exif=exif_block(k)) for k in range(1, 9)},
    **{
        f"noise{k}.png": png(NOISE.integers(0, 65536, NOISE.integers(1, 90, 2), np.uint16))
        for k in range(6)
    },
    "exact.png": png(NOISE.integers(0, 256, (SIZE, SIZE), np.uint8)),
    "gray.bmp": pillow(SCENE, "BMP"),
    "colour.webp": pillow(COLOUR, "WEBP"),
    "cmyk.jpeg": saved(Image.fromarray(COLOUR).convert("CMYK"), "JPEG"),
    "palette.png": saved(Image.fromarray(COLOUR).quantize(40), "PNG"),
    "one_bit.png": saved(Image.fromarray(SCENE).convert("1"), "PNG"),
    "rgba.png": png(CLEAR),
    "gray_alpha.png": png(CLEAR[..., 2:]),
    "deep.png": png(DEEP),
    "deep.tif": tiff(DEEP),
    "white_is_zero.tif": tiff(DEEP, photometric="miniswhite"),
    "float.tif": tiff(DEEP.astype(np.float32) / 65535),
    "monochrome1.dcm": dicom(DEEP, PhotometricInterpretation="MONOCHROME1"),
    "1.2.840.10008.17": dicom(DEEP >> 4, bits=12, WindowCenter=900, WindowWidth=700),
    "FRAMES": dicom(np.stack([DEEP, DEEP[::-1]])),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set whose training images of the class ODD are ``FILES``, and no images beside."""
    root = write_splits(tmp_path_factory.mktemp("reading") / "data", train=1, held=1)
    for split in ("train", "val", "test"):
        (root / split / "ODD").mkdir()
    for name, content in FILES.items():
        (root / "train" / "ODD" / name).write_bytes(content)
    for split in ("val", "test"):
        (root / split / "ODD" / "one.dcm").write_bytes(FILES["monochrome1.dcm"])
    for place in ("README.txt", "labels.csv", "train/README", "train/ODD/.DS_Store"):
        (root / place).write_text("no,image\n")
    (root / "train" / "ODD" / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(2000))
    return root


@pytest.fixture(scope="module")
def loaded(root: Path) -> Dataset:
    return load_dataset(root, Geometry(SIZE, SIZE))


@pytest.mark.parametrize("name", FILES)
def test_training_sees_what_the_page_shows(name: str, loaded: Dataset) -> None:
    odd = loaded.train.images[loaded.train.labels == loaded.classes.index("odd")]
    shown = to_model_size(FakeEngine().card, read_isolated(FILES[name]))
    assert loaded.train.images.dtype == shown.dtype == np.float32
    np.testing.assert_array_equal(odd[sorted(FILES).index(name)], shown)


def test_what_is_no_image_does_not_stop_it(loaded: Dataset) -> None:
    assert loaded.counts()["train"] == {"normal": 1, "odd": len(FILES), "sick": 1}
    assert not any("read" in notice for notice in loaded.notices)
    assert not loaded.train.images.flags.writeable


def test_images_that_cannot_be_read_are_skipped_and_named(root: Path) -> None:
    """A picture that claims more pixels than are allowed, and one cut short."""
    folder = root / "train" / "SICK"
    (folder / "claims.dcm").write_bytes(dicom(DEEP, Rows=40_000, Columns=40_000))
    (folder / "short.jpeg").write_bytes(FILES["exif1.jpeg"][:200])
    try:
        found = load_dataset(root, Geometry(SIZE, SIZE))
    finally:
        for name in ("claims.dcm", "short.jpeg"):
            (folder / name).unlink()
    assert found.notices[:1] == (
        f"Skipped 2 of {len(FILES) + 10} images that can't be read: train/SICK/claims.dcm, "
        "train/SICK/short.jpeg.",
    )
    assert found.counts()["train"]["sick"] == 1


def test_an_encrypted_zip_is_told_in_a_sentence(tmp_path: Path) -> None:
    root = write_splits(tmp_path / "data", train=1, held=1)
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in root.rglob("*.png"):
            archive.write(file, file.relative_to(root).as_posix())
    content = bytearray(path.read_bytes())
    start = -1
    while (start := content.find(b"PK\x01\x02", start + 1)) >= 0:
        content[start + 8] |= 1  # the flag of encryption: APPNOTE 4.3.12
    path.write_bytes(content)
    with pytest.raises(InputError, match="Expected a ZIP archive without a password"):
        load_dataset(path, Geometry(SIZE, SIZE))
