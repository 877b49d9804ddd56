"""What is found, in which order, and what is left out."""

import gc
import io
import os
import zipfile
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.fileset import FileSet

from tests.readers.reader_files import DX, dicom
from xray_app.batch.inputs import LeftOut, find_inputs, from_upload
from xray_app.batch.item import Item
from xray_app.core.errors import InputError, UnreadableFile


def names(*inputs: Path | str) -> list[str]:
    return [item.name for item in find_inputs([str(i) for i in inputs])]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("b/2.png", "b/1.png", "a.dcm", "c/d/e", ".hidden/x.png", "b/.x", "__MACOSX/y"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    monkeypatch.chdir(tmp_path)
    return tmp_path / "in"


def write_zip(path: Path, *members: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for member in members:
            archive.writestr(member, member.encode())
    return path


def test_folders_are_gone_through_by_name_without_hidden_files(tree: Path) -> None:
    assert names("in") == ["in/a.dcm", "in/b/1.png", "in/b/2.png", "in/c/d/e"]
    assert [i.read() for i in find_inputs(["in/b"])] == [b"b/1.png", b"b/2.png"]


def test_inputs_keep_their_order_and_are_taken_once(tree: Path) -> None:
    assert names("in/c/d/e", "in/b/", "in/b/1.png", "./in/c/d/e") == [
        "in/c/d/e", "in/b/1.png", "in/b/2.png",
    ]  # fmt: skip
    assert names("in/b/1.png", "in") == names("in")


def test_a_zip_is_a_folder_wherever_it_lies(tree: Path) -> None:
    write_zip(tree / "b" / "z.zip", "s/2.png", "s/1.png", "__MACOSX/s/1.png", "s/.x", "empty/")
    found = list(find_inputs(["in/b"]))
    assert [i.name for i in found][2:] == ["in/b/z.zip/s/1.png", "in/b/z.zip/s/2.png"]
    assert found[2].read() == b"s/1.png"


def test_a_damaged_zip_is_one_row(tree: Path) -> None:
    (tree / "z.zip").write_bytes(b"PK\x03\x04 no archive")
    *_, last = find_inputs(["in"])
    assert last.name == "in/z.zip"
    with pytest.raises(UnreadableFile, match="whole ZIP archive"):
        last.read()


def test_a_zip_of_ones_own_may_hold_more_files_than_an_upload(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "z.zip", *(f"{n:04d}" for n in range(600)))
    assert len(names(path)) == 600
    with pytest.raises(InputError, match="at most 500"):
        from_upload("z.zip", path.read_bytes())


def test_a_member_that_inflates_beyond_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xray_app.readers.limits.MAX_FILE_BYTES", 1000)
    monkeypatch.setattr("xray_app.batch.storage.MAX_FILE_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(10_000))
    (item,) = find_inputs([str(tmp_path / "z.zip")])
    with pytest.raises(InputError, match="Expected at most"):
        item.read()


def test_an_upload_becomes_items_in_memory() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("folder/a.png", b"1")
        archive.writestr("b.png", b"2")
    found = from_upload("up.zip", buffer.getvalue())
    assert [(i.name, i.read()) for i in found] == [("a.png", b"1"), ("b.png", b"2")]
    assert from_upload("x.png", b"3")[0].read() == b"3"
    assert "data" not in repr(found[0])


def test_an_input_that_is_not_there_is_an_error_at_once(tree: Path) -> None:
    with pytest.raises(InputError, match=r"none named in/nothing\.png"):
        find_inputs(["in", "in/nothing.png"])


def test_what_cannot_be_read_is_an_item_that_says_so(tree: Path) -> None:
    (tree / "gone.png").symlink_to(tree / "nowhere")
    os.mkfifo(tree / "pipe")  # reading it would wait for ever
    found = list(find_inputs(["in"]))
    assert [i.name for i in found][-1] == "in/gone.png"
    with pytest.raises(UnreadableFile, match="No such file"):
        found[-1].read()


def test_links_that_lead_in_a_ring_end_nothing(tree: Path) -> None:
    (tree / "ring.png").symlink_to(tree / "gnir.png")
    (tree / "gnir.png").symlink_to(tree / "ring.png")
    own = LeftOut(frozenset({tree / "a.dcm"}))
    found = [item.name for item in find_inputs(["in"], left_out=own)]
    assert "in/ring.png" in found and "in/b/1.png" in found
    assert "in/a.dcm" not in found
    (tree / "DICOMDIR").write_bytes(b"names ring.png")
    (named,) = find_inputs(["in/DICOMDIR"], lambda data: ["ring.png"])
    assert "names a file that is not beside it" in named.problem


def test_a_name_that_is_no_text_is_shown_with_a_replacement(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.png")).write_bytes(b"x")
    (item,) = find_inputs([str(tmp_path)])
    assert item.name.endswith("caf�.png")
    assert item.read() == b"x"


@pytest.mark.filterwarnings("ignore:Implicitly cleaning up:ResourceWarning")
def test_a_dicomdir_names_its_images_and_nothing_outside(tmp_path: Path) -> None:
    fileset = FileSet()
    for number in range(3):
        fileset.add(_instance(number))
    fileset.write(tmp_path / "disc")
    del fileset
    gc.collect()  # pydicom leaves its temporary folder to the collector
    found = list(find_inputs([str(tmp_path / "disc" / "DICOMDIR")]))
    assert len(found) == 3
    assert all(item.read()[128:132] == b"DICM" for item in found)
    assert sorted(i.name for i in found) == names(tmp_path / "disc")
    next(p for p in (tmp_path / "disc").rglob("*") if p.is_file() and p.name != "DICOMDIR").unlink()
    problems = [i.problem for i in find_inputs([str(tmp_path / "disc" / "DICOMDIR")])]
    assert [p for p in problems if p] == [
        "The DICOMDIR names a file that is not beside it. Copy all."
    ]


@pytest.mark.parametrize("reference", ["../outside.png", "/etc/hostname"])
def test_a_dicomdir_cannot_name_a_file_outside_its_folder(tmp_path: Path, reference: str) -> None:
    (tmp_path / "outside.png").write_bytes(b"x")
    (tmp_path / "disc").mkdir()
    (tmp_path / "disc" / "DICOMDIR").write_bytes(b"x")
    (item,) = find_inputs([str(tmp_path / "disc" / "DICOMDIR")], lambda data: [reference])
    assert item.problem


def test_a_dicomdir_that_is_none_is_one_row(tmp_path: Path) -> None:
    (tmp_path / "DICOMDIR").write_bytes(b"text")
    (item,) = find_inputs([str(tmp_path / "DICOMDIR")])
    assert "Expected a DICOMDIR" in item.problem


@pytest.mark.parametrize("scheme", ["memory", "file"])
def test_addresses_go_through_fsspec(scheme: str, tmp_path: Path) -> None:
    import fsspec

    root = "memory://bucket" if scheme == "memory" else f"file://{tmp_path}/bucket"
    for name in ("b.png", "a/2.png", "a/1.png", ".hidden"):
        with fsspec.open(f"{root}/in/{name}", "wb", auto_mkdir=True) as file:
            file.write(name.encode())
    found = list(find_inputs([f"{root}/in/"]))
    expected = ["a/1.png", "a/2.png", "b.png"]
    assert [i.name for i in found] == [f"{root}/in/{name}" for name in expected]
    assert [i.read().decode() for i in found] == expected
    assert names(f"{root}/in/b.png", f"{root}/in") == [i.name for i in found]
    with pytest.raises(InputError, match="none named"):
        find_inputs([f"{root}/nothing"])


def test_an_address_of_an_unknown_kind_is_one_sentence() -> None:
    with pytest.raises(InputError, match=r"Can't open nonsense://x: .*nonsense"):
        find_inputs(["nonsense://x"])


def test_items_say_where_they_are_when_pickled() -> None:
    import pickle

    item = Item("a", "b", "c")
    assert pickle.loads(pickle.dumps(item)) == item


def _instance(number: int) -> Dataset:
    import numpy as np
    from pydicom import dcmread

    dataset = dcmread(io.BytesIO(dicom(np.full((8, 8), number, np.uint16))))
    dataset.SOPClassUID = DX
    dataset.PatientID, dataset.PatientName = f"P{number}", "Nobody"
    dataset.StudyDate, dataset.StudyTime, dataset.StudyID = "20260101", "000000", "1"
    dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber = "DX", 1, number
    dataset.StudyInstanceUID = f"1.2.3.{number + 1}"
    dataset.SeriesInstanceUID = f"1.2.4.{number + 1}"
    dataset.SOPInstanceUID = f"1.2.5.{number + 1}"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.MediaStorageSOPClassUID = DX
    return dataset
