"""What holds for every format, and for everything that is none."""

import gzip
import hashlib
import io
import logging
import subprocess
import sys
import warnings
import zipfile
from contextlib import suppress

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.readers.reader_files import DEEP, RAMP, dicom, pillow, png, tiff
from xray_app.core.errors import FileTooLarge, InputError, UnreadableFile, UnsupportedFile
from xray_app.readers import READERS, limits, read_radiograph

# Not LZW: about one damaged LZW strip in 30,000 crashes imagecodecs 2026.3.6, and the interpreter.
SAMPLES = {
    "dicom": dicom(DEEP),
    "png": png(DEEP),
    "tiff": tiff(DEEP, compression="zlib"),
    "jpeg": pillow(RAMP, "JPEG"),
    "bmp": pillow(RAMP, "BMP"),
    "webp": pillow(RAMP, "WEBP", lossless=True),
    "gif": pillow(RAMP, "GIF"),
}


def test_every_reader_has_a_sample_here():
    assert SAMPLES.keys() == READERS.keys()


@pytest.mark.parametrize("name", SAMPLES)
def test_contract(name):
    data = SAMPLES[name]
    radiograph = read_radiograph(data, "some/folder/misleading.txt")
    pixels = radiograph.pixels
    # Of these only the DICOM file is windowed; the others need nothing wider than their own type.
    assert (pixels is radiograph.stored) == (name != "dicom")
    assert pixels.dtype == (np.float32 if name == "dicom" else radiograph.stored.dtype)
    assert radiograph.display.dtype == np.float32
    assert pixels.ndim == 2
    assert pixels.shape == radiograph.stored.shape
    assert 0.0 <= pixels.min() <= pixels.max() <= radiograph.white
    assert 0.0 <= radiograph.display.min() <= radiograph.display.max() <= 1.0
    assert not pixels.flags.writeable
    assert not radiograph.stored.flags.writeable
    assert radiograph.white == 2**radiograph.bits - 1
    assert radiograph.file_format == READERS[name].label
    assert radiograph.digest == hashlib.sha256(data).hexdigest()
    assert radiograph.steps[0].name == "Decoded"
    last = radiograph.steps[-1]
    np.testing.assert_allclose(last.after, (pixels.min(), pixels.max()), rtol=1e-6)


@pytest.mark.parametrize("name", SAMPLES)
def test_exactly_one_reader_recognises_each_sample(name):
    assert [r.name for r in READERS.values() if r.sniff(SAMPLES[name])] == [name]


def test_registry_rows():
    for name, reader in READERS.items():
        assert reader.name == name
        assert reader.extensions
        assert all(e == e.lower() and e.startswith(".") for e in reader.extensions)
    extensions = [e for reader in READERS.values() for e in reader.extensions]
    assert len(extensions) == len(set(extensions))


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("fraction", [0.02, 0.2, 0.5, 0.8, 0.95])
def test_cut_short_is_an_error_not_half_an_image(name, fraction):
    noise = np.random.default_rng(7).integers(0, 256, (60, 80), dtype=np.uint8)
    whole = {
        "dicom": lambda: dicom(noise),
        "png": lambda: png(noise),
        "tiff": lambda: tiff(noise, compression="zlib", rowsperstrip=10),
        "jpeg": lambda: pillow(noise, "JPEG"),
        "bmp": lambda: pillow(noise, "BMP"),
        "webp": lambda: pillow(noise, "WEBP", lossless=True),
        "gif": lambda: pillow(noise, "GIF"),
    }[name]()
    read_radiograph(whole)
    with pytest.raises((UnreadableFile, UnsupportedFile)):
        read_radiograph(whole[: int(len(whole) * fraction)])


@pytest.mark.parametrize("name", SAMPLES)
def test_damage_never_escapes_as_another_exception(name):
    rng = np.random.default_rng(11)
    for _ in range(60):
        data = bytearray(SAMPLES[name])
        for at in rng.integers(4, len(data), 5):
            data[at] = rng.integers(256)
        try:
            radiograph = read_radiograph(bytes(data))
        except InputError as error:
            assert str(error)
        else:
            assert radiograph.pixels.max() <= radiograph.white


def zipped(name, body):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, body)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"patient,finding\n1,normal\n", "text"),
        ("Brustkorb in Rücken­lage, größer\n".encode() * 90, "text"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "text"),
        (zipped("x.png", png(RAMP)), "ZIP archive"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF document"),
        (gzip.compress(b"x" * 99, mtime=0), "gzip archive"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "7-Zip"),
        (b"Rar!\x1a\x07\x00", "RAR"),
        (b"\x00\x00\x00\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"\x5c\x01\0\0" + b"\0" * 340 + b"n+1\0", "NIfTI"),
        (b"\xfe\xed\xfa\xce" * 9, "unknown kind"),
    ],
)
def test_foreign_files_are_named(data, kind):
    with pytest.raises(UnsupportedFile, match=kind) as caught:
        read_radiograph(data, "chest.png")
    assert str(caught.value).startswith("chest.png: Expected one of DICOM, PNG")


def test_empty():
    with pytest.raises(UnreadableFile, match="empty file"):
        read_radiograph(b"", "chest.png")


def test_too_many_bytes(monkeypatch):
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", 100)
    with pytest.raises(FileTooLarge, match="Expected at most"):
        read_radiograph(png(DEEP))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", "Expected"),
        ("chest.png", "chest.png: "),
        ("/home/jane/chest.png", "chest.png: "),
        (r"C:\patients\chest.png", "chest.png: "),
        ("che\nst\x1b.png", "chest.png: "),
        ("x" * 200, "x" * 77 + "...: "),
    ],
)
def test_the_name_in_an_error_is_bare(name, shown):
    with pytest.raises(UnreadableFile) as caught:
        read_radiograph(b"", name)
    assert str(caught.value).startswith(shown)


@pytest.mark.parametrize("failure", [MemoryError, RecursionError, KeyError, OSError])
def test_whatever_a_decoder_raises_becomes_one_sentence(monkeypatch, failure):
    def fails(data):
        raise failure("internal words")

    monkeypatch.setattr("imagecodecs.png_decode", fails)
    expected = FileTooLarge if failure is MemoryError else UnreadableFile
    with pytest.raises(expected) as caught:
        read_radiograph(png(DEEP))
    assert "internal words" not in str(caught.value)
    assert caught.value.__cause__


def test_nothing_is_logged_and_filters_and_levels_are_restored(caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("pydicom").setLevel(logging.INFO)
    filters = list(warnings.filters)
    for data in (*SAMPLES.values(), SAMPLES["dicom"][:900], SAMPLES["tiff"][:-3]):
        with suppress(InputError):
            read_radiograph(data)
    assert not caplog.records
    assert list(warnings.filters) == filters
    assert logging.getLogger("pydicom").level == logging.INFO
    logging.getLogger("pydicom").setLevel(logging.NOTSET)


def test_reading_a_png_imports_no_other_decoder():
    code = (
        "import sys, pathlib; from xray_app.readers import read_radiograph;"
        "heavy = lambda: {'pydicom', 'tifffile', 'imagecodecs', 'PIL'} & sys.modules.keys();"
        "assert not heavy(), heavy();"
        "read_radiograph(pathlib.Path(sys.argv[1]).read_bytes());"
        "assert heavy() == {'imagecodecs'}, heavy()"
    )
    sample = ROOT / "xray_app/samples/normal_1.png"
    subprocess.run([sys.executable, "-c", code, sample], check=True, cwd=ROOT)


def test_full_size_radiographs():
    folder = ROOT.parent / "shared/data/full_size"
    files = sorted(folder.glob("*.jpeg"))
    if not files:
        pytest.skip(f"{folder} isn't on this machine")
    for file in files[:3]:
        radiograph = read_radiograph(file.read_bytes(), file.name)
        assert radiograph.file_format == "JPEG"
        assert min(radiograph.pixels.shape) > 300
        assert radiograph.pixels.max() > 128
        assert not radiograph.notices
