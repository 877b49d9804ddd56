"""Files that are whole or not there."""

from pathlib import Path

import pytest

from xray_app.core.errors import InputError, UnreadableFile
from xray_app.core.files import make_folder, read_bytes, write_atomically, write_text


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("reason", [OSError(28, "No space left on device"), Killed()])
def test_a_writer_that_stops_leaves_what_was_there(tmp_path: Path, reason: BaseException) -> None:
    path = tmp_path / "card.json"
    path.write_text("old")

    def stop(place: Path) -> None:
        place.write_text("ha")
        raise reason

    expected = InputError if isinstance(reason, OSError) else Killed
    with pytest.raises(expected) as caught:
        write_atomically(path, stop)
    if expected is InputError:
        assert str(caught.value).startswith("Can't write card.json: No space left on device.")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Can't write a\.json: No such file or directory"):
        write_text(tmp_path / "no" / "a.json", "text")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="Can't make the folder .*: Not a directory"):
        make_folder(tmp_path / "file" / "folder")


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    write_text(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_text(Path("/dev/null"), "text")
    assert Path("/dev/null").is_char_device()


def test_a_file_is_read_whole_or_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "chest.png"
    path.write_bytes(b"0123456789")
    assert (read_bytes(path), read_bytes(path, most=4)) == (b"0123456789", b"0123")
    with pytest.raises(UnreadableFile, match=r"^Can't read a folder: .+\.$"):
        read_bytes(tmp_path, "a folder")
