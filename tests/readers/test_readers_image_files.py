"""Which files of a folder or zip are images, and what is said of those that can't be read."""

import os
import zipfile
from pathlib import Path

import pytest

from tests.readers.reader_files import DEEP, RAMP, dicom, png
from xray_app.core.errors import FileTooLarge, UnreadableFile, UnsupportedFile
from xray_app.readers import image_files, limits, open_image_files, radiographs_ahead

IMAGES = {
    "a/1.PNG": png(RAMP),
    "a/2.dcm": b"damaged",
    "b c/IM0001": dicom(DEEP),
    "b c/deep/1.2.840.3": dicom(DEEP),
    "é.jpeg": b"",
}
OTHERS = {
    "README.txt": b"text",
    "a/labels.csv": b"name,label\n",
    "a/README": b"text " * 400,
    "a/.hidden.png": png(RAMP),
    ".cache/x.png": png(RAMP),
    "__MACOSX/a/1.png": png(RAMP),
    "b c/DICOMDIR": dicom(DEEP),
    "empty/.keep": b"",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in (IMAGES | OTHERS).items():
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "data"


@pytest.fixture
def packed(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*"), reverse=True):
            archive.write(file, file.relative_to(folder).as_posix())
    return path


def patched(path: Path, offset: int, value: int) -> None:
    """Change a byte at ``offset`` of every entry of the central directory: APPNOTE 4.3.12."""
    content = bytearray(path.read_bytes())
    start = -1
    while (start := content.find(b"PK\x01\x02", start + 1)) >= 0:
        content[start + offset] = value
    path.write_bytes(content)


@pytest.mark.parametrize("kind", ["folder", "packed"])
def test_images_are_found_by_name_or_content(kind: str, request: pytest.FixtureRequest) -> None:
    with open_image_files(request.getfixturevalue(kind)) as files:
        assert files.names == tuple(sorted(IMAGES))
        assert files.folders == {"a", "b c", "b c/deep", "empty"}
        assert {name: files.read(name) for name in files.names if IMAGES[name]} == {
            name: content for name, content in IMAGES.items() if content
        }
        with pytest.raises(UnreadableFile, match="received an empty file"):
            files.read("é.jpeg")


@pytest.mark.parametrize("kind", ["folder", "packed"])
def test_a_file_is_held_to_the_limit(
    kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (limits, image_files):
        monkeypatch.setattr(module, "MAX_FILE_BYTES", 6)
    with open_image_files(request.getfixturevalue(kind)) as files:
        with pytest.raises(FileTooLarge, match="Expected at most"):
            files.read("a/2.dcm")
        with pytest.raises(FileTooLarge, match=r"^1\.PNG: Expected at most"):
            next(radiographs_ahead(files.read, files.names))


@pytest.mark.parametrize(
    ("offset", "value", "sentence"), [(8, 1, "without a password"), (10, 12, "stored or deflated")]
)
def test_entries_of_an_archive_are_checked(
    packed: Path, offset: int, value: int, sentence: str
) -> None:
    patched(packed, offset, value)
    with open_image_files(packed) as files:
        assert files.names == ("a/1.PNG", "a/2.dcm", "é.jpeg")  # by their names alone
        with pytest.raises(UnsupportedFile, match=sentence):
            files.read("a/1.PNG")


def test_a_file_that_is_gone_is_told(folder: Path) -> None:
    with open_image_files(folder) as files:
        (folder / "a" / "2.dcm").unlink()
        with pytest.raises(UnreadableFile, match="Can't read it: No such file"):
            files.read("a/2.dcm")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in the file system")
def test_a_pipe_is_no_image(folder: Path) -> None:
    os.mkfifo(folder / "pipe.png")
    (folder / "nowhere.png").symlink_to("nothing")
    with open_image_files(folder) as files:
        assert files.names == tuple(sorted(IMAGES))


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut short"])
def test_what_is_no_archive_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with (
        pytest.raises(UnreadableFile, match=r"Expected a folder or a zip of images, received x\."),
        open_image_files(tmp_path / "x.zip"),
    ):
        pass
    with (
        pytest.raises(UnreadableFile, match=r"Can't read y\.zip: No such file"),
        open_image_files(tmp_path / "y.zip"),
    ):
        pass
