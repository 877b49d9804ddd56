import io
import struct
import zipfile

import pytest

from tests.readers.reader_files import RAMP, png
from xray_app.core.errors import FileTooLarge, UnreadableFile, UnsupportedFile
from xray_app.readers import expand


def zipped(files, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, body in files:
            archive.writestr(zipfile.ZipInfo(name), body, compression)
    return out.getvalue()


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_files_in_order_under_bare_names(compression):
    files = [("Doe^Jane/1.png", png(RAMP)), ("b/1.png", b"text"), (r"C:\x\2.dcm", b"123")]
    assert expand(zipped(files, compression), "a.zip") == [
        ("1.png", png(RAMP)),
        ("1.png (2)", b"text"),
        ("2.dcm", b"123"),
    ]


def test_a_file_that_is_no_archive_stands_alone():
    assert expand(png(RAMP), "/home/jane/a.png") == [("a.png", png(RAMP))]


def test_what_operating_systems_add_is_left_out():
    files = [
        ("folder/", b""),
        ("__MACOSX/._a.png", b"x"),
        (".DS_Store", b"x"),
        ("DICOMDIR", b"x"),
        ("s/Thumbs.db", b"x"),
        ("desktop.ini", b"x"),
        ("a.png", b"image"),
    ]
    assert expand(zipped(files), "a.zip") == [("a.png", b"image")]


def unflagged(raw):
    """A ZIP whose one file has a name of just these bytes, and no flag that says how to read it."""
    placeholder = "x" * len(raw) + ".png"
    return zipped([(placeholder, b"image")]).replace(b"x" * len(raw), raw)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("胸部X線_正面".encode("cp932"), "胸部X線_正面"),
        ("Röntgen".encode(), "Röntgen"),
        ("Müller".encode("cp437"), "Müller"),
        ("rég".encode("cp437"), "rég"),
    ],
)
def test_names_in_the_characters_of_their_system(raw, name):
    assert expand(unflagged(raw), "a.zip") == [(f"{name}.png", b"image")]


def test_names_that_climb_out_are_only_names():
    assert expand(zipped([("../../etc/passwd", b"x")]), "a.zip") == [("passwd", b"x")]


def test_empty():
    with pytest.raises(UnreadableFile, match=r"^a\.zip: .*empty"):
        expand(zipped([("folder/", b"")]), "a.zip")
    with pytest.raises(UnreadableFile, match="empty file"):
        expand(b"", "a.zip")


def test_an_archive_in_an_archive():
    with pytest.raises(UnsupportedFile, match=r"another archive, inner\.zip"):
        expand(zipped([("inner.zip", zipped([("a", b"b")]))]), "a.zip")


def test_too_many_files():
    with pytest.raises(FileTooLarge, match="at most 500 files in a ZIP archive, received 501"):
        expand(zipped([(f"{i}.png", b"") for i in range(501)]), "a.zip")


def test_a_bomb_is_refused_by_what_it_claims(monkeypatch):
    monkeypatch.setattr("xray_app.readers.archive.MAX_FILE_BYTES", 5_000)
    data = zipped([("a.png", bytes(3_000)), ("b.png", bytes(3_000))])
    assert len(data) < 1_000
    with pytest.raises(FileTooLarge, match="once inflated"):
        expand(data, "a.zip")


def test_a_bomb_that_lies_about_its_size_is_an_error(monkeypatch):
    monkeypatch.setattr("xray_app.readers.archive.MAX_FILE_BYTES", 5_000)
    data = bytearray(zipped([("a.png", bytes(900_000))]))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(signature) + offset
        data[at : at + 4] = struct.pack("<I", 100)
    with pytest.raises((FileTooLarge, UnreadableFile)):
        expand(bytes(data), "a.zip")


def test_a_list_of_files_that_is_itself_too_long():
    data = bytearray(zipped([("a.png", b"x")]))
    end = data.rindex(b"PK\x05\x06")
    data[end + 12 : end + 16] = struct.pack("<I", 2_000_000)
    with pytest.raises(FileTooLarge, match="longer list"):
        expand(bytes(data), "a.zip")


def test_zip64_is_refused():
    data = zipped([("a.png", b"x")])
    end = data.rindex(b"PK\x05\x06")
    with pytest.raises(FileTooLarge, match="longer list"):
        expand(data[:end] + b"PK\x06\x07" + bytes(16) + data[end:], "a.zip")


def test_password():
    data = bytearray(zipped([("a.png", b"x")]))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    with pytest.raises(UnsupportedFile, match="password"):
        expand(bytes(data), "a.zip")


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression(compression):
    with pytest.raises(UnsupportedFile, match="another compression"):
        expand(zipped([("a.png", b"x" * 99)], compression), "a.zip")


def test_damage_is_one_sentence():
    whole = zipped([("a.png", png(RAMP)), ("b.png", png(RAMP))])
    for cut in range(4, len(whole), 37):
        with pytest.raises(UnreadableFile, match=r"^a\.zip: Expected .* \w+ .*\.$"):
            expand(whole[:cut], "a.zip")
    changed = bytearray(whole)
    changed[60] ^= 0xFF
    with pytest.raises(UnreadableFile):
        expand(bytes(changed), "a.zip")
