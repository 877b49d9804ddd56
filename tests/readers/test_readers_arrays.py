"""Array files: numpy's own are read, everything else is one clear sentence."""

import io
import pickle
import struct
import time
import zipfile

import numpy as np
import pytest

from tests.readers.reader_files import npy
from xray_app.core.errors import FileTooLarge, InputError, UnreadableFile, UnsupportedFile
from xray_app.readers import arrays, arrays_isolated, as_stored_isolated, read_arrays
from xray_app.readers.as_stored import read_as_stored


def with_header(text: str, body: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    header = text.encode()
    length = struct.pack("<H" if version == b"\x01\x00" else "<I", len(header))
    return b"\x93NUMPY" + version + length + header + body


@pytest.mark.parametrize("dtype", ["f2", "f4", ">f8", "u1", "<i2", "?"])
def test_an_array_comes_back_as_it_was(dtype: str) -> None:
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    read = read_arrays(npy(array))[""]
    assert read.dtype == array.dtype
    assert (read == array).all()
    fortran = read_arrays(npy(np.asfortranarray(array)))[""]
    assert (fortran == array).all()


def test_an_archive_gives_each_array_by_name() -> None:
    np.savez_compressed(buffer := io.BytesIO(), train=np.ones((2, 2)), serve=np.zeros(3))
    read = arrays_isolated(buffer.getvalue(), "both.npz")
    assert list(read) == ["train", "serve"]
    assert read["serve"].shape == (3,)


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return (pytest.fail, ("a pickle was loaded",))


def objects() -> bytes:
    array = np.empty(1, object)
    array[0] = Evil()
    np.save(buffer := io.BytesIO(), array, allow_pickle=True)
    return buffer.getvalue()


FLOAT = "{'descr': '<f4', 'fortran_order': False, 'shape': %s}"
REFUSED = {
    "objects": (objects(), UnsupportedFile, "received objects. Objects are never loaded"),
    "complex": (npy(np.ones(3, complex)), UnsupportedFile, "received complex128"),
    "text": (npy(np.array(["a"])), UnsupportedFile, "received str32"),
    "fields": (npy(np.zeros(2, [("a", "f4")])), UnsupportedFile, "received void32"),
    "a pickle": (pickle.dumps([1]), UnsupportedFile, "received another"),
    "nothing": (b"", UnreadableFile, "received an empty file"),
    "cut in the header": (npy(np.ones(3))[:20], UnreadableFile, "whose header is none"),
    "cut in the values": (npy(np.ones(3))[:-1], UnreadableFile, "received 23: the file is cut"),
    "absurd size": (
        with_header(FLOAT % "(99999999999999999999, 9)"), FileTooLarge, "an array of shape (999"
    ),
    "many axes": (with_header(FLOAT % f"({'1, ' * 40})", b"1234"), UnreadableFile, "8 axes"),
    "negative": (with_header(FLOAT % "(-4, 4)"), UnreadableFile, "shape (-4, 4)"),
    "code": (
        with_header("__import__('os').system('true')"), UnreadableFile, "whose header is none"
    ),
    "long header": (with_header(FLOAT % ("(" + "1, " * 9000 + ")")), UnreadableFile, "is none"),
    "deep header": (with_header("[" * 9000), UnreadableFile, "whose header is none"),
    "third version": (
        with_header(FLOAT % "(1,)", b"1234", b"\x03\x00"), UnsupportedFile, "structured"
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Stored array in format 3.0")
@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_is_one_sentence(what: str) -> None:
    data, kind, words = REFUSED[what]
    with pytest.raises(kind) as caught:
        read_arrays(data, "folder/tensor.npy")
    assert words in str(caught.value)
    assert str(caught.value).startswith("tensor.npy: ")


def test_a_small_archive_of_many_zeros_is_refused_before_it_fills_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(arrays, "MAX_VALUES", 1000)
    np.savez_compressed(buffer := io.BytesIO(), a=np.zeros(600), b=np.zeros(600))
    with pytest.raises(FileTooLarge):
        read_arrays(buffer.getvalue())
    start = time.monotonic()
    np.savez_compressed(buffer := io.BytesIO(), a=np.zeros(3_000_000))
    with pytest.raises(FileTooLarge):
        read_arrays(buffer.getvalue())
    assert time.monotonic() - start < 2.0


def test_an_archive_without_arrays_is_refused() -> None:
    with zipfile.ZipFile(buffer := io.BytesIO(), "w") as archive:
        archive.writestr("notes.txt", "none")
    with pytest.raises(UnsupportedFile, match=r"1 to 100 arrays in an .npz, received 0"):
        read_arrays(buffer.getvalue())
    np.savez(buffer := io.BytesIO(), a=np.arange(500))
    broken = buffer.getvalue().replace(np.arange(100, 110).tobytes(), bytes(80))
    for damaged in (broken, buffer.getvalue()[:-30]):
        with pytest.raises(UnreadableFile, match="damaged|cut short"):
            read_arrays(damaged)


def test_an_image_keeps_colour_depth_and_orientation() -> None:
    from PIL import Image

    colour = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter: a viewer shows it 4 wide, the stored one is 6 wide
    Image.fromarray(colour).save(buffer := io.BytesIO(), "PNG", exif=exif)
    assert (as_stored_isolated(buffer.getvalue(), "colour.png") == colour).all()
    deep = np.arange(24, dtype=np.uint16).reshape(4, 6) * 2000
    Image.fromarray(deep).save(buffer := io.BytesIO(), "PNG")
    assert (read_as_stored(buffer.getvalue()) == deep).all()
    Image.fromarray(deep.astype(np.float32)).save(buffer := io.BytesIO(), "TIFF")
    assert read_as_stored(buffer.getvalue()).dtype == np.float32
    gray = np.dstack([colour[..., 0], np.full((4, 6), 255, np.uint8)])
    Image.fromarray(gray, "LA").save(buffer := io.BytesIO(), "PNG")
    assert (read_as_stored(buffer.getvalue()) == colour[..., 0]).all()


def test_a_file_that_is_no_image_is_refused() -> None:
    with pytest.raises(InputError, match=r"notes.txt: Expected an image that Pillow reads"):
        read_as_stored(b"no image", "notes.txt")
