"""Private folders for a moment: gone whatever happens, and a full disk is a sentence."""

import errno
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from xray_app.core import scratch
from xray_app.core.errors import XrayAppError
from xray_app.core.processes import ChildProcess
from xray_app.core.scratch import make_scratch, scratch_folder

Patch = pytest.MonkeyPatch


@pytest.fixture
def places(tmp_path: Path, monkeypatch: Patch) -> tuple[Path, Path]:
    memory, disk = tmp_path / "memory", tmp_path / "disk"
    memory.mkdir()
    disk.mkdir()
    monkeypatch.setattr(scratch, "_IN_MEMORY", memory)
    monkeypatch.setattr(scratch.tempfile, "tempdir", str(disk))
    return memory, disk


def free(monkeypatch: Patch, bytes_of: dict[Path, int]) -> None:
    usage = type(shutil.disk_usage("/"))
    monkeypatch.setattr(scratch.shutil, "disk_usage", lambda place: usage(0, 0, bytes_of[place]))


def test_it_is_private_in_memory_and_gone_afterwards(places: tuple[Path, Path]) -> None:
    with scratch_folder() as folder:
        assert folder.parent == places[0]
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "file").write_bytes(b"x")
    assert not list(places[0].iterdir())
    with pytest.raises(ValueError, match="mine"), scratch_folder():
        raise ValueError("mine")
    assert not list(places[0].iterdir())


def test_where_memory_is_small_the_disk_is_taken(
    places: tuple[Path, Path], monkeypatch: Patch
) -> None:
    free(monkeypatch, {places[0]: 10_000_000, places[1]: 99_000_000})
    with scratch_folder(20_000_000) as folder:
        assert folder.parent == places[1]


def test_no_room_is_a_sentence(places: tuple[Path, Path], monkeypatch: Patch) -> None:
    free(monkeypatch, dict.fromkeys(places, 10_000_000))
    with pytest.raises(XrayAppError, match=r"room for 20\.0 MB of temporary files"):
        make_scratch(20_000_000)
    shutil.rmtree(places[0])
    shutil.rmtree(places[1])
    monkeypatch.undo()


def test_a_disk_that_fills_meanwhile_is_the_same_sentence(places: tuple[Path, Path]) -> None:
    with pytest.raises(XrayAppError, match="temporary files: No space left"), scratch_folder():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_what_a_killed_process_left_is_swept(places: tuple[Path, Path]) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = places[0] / f"xray-app-{ended.pid}-abc"
    left.mkdir()
    kept = places[0] / f"xray-app-{os.getppid()}-abc"
    kept.mkdir()
    with scratch_folder():
        assert not left.exists()
        assert kept.exists()


def test_a_childs_temporary_files_go_with_it(places: tuple[Path, Path]) -> None:
    for end in (ChildProcess.close, lambda child: (child.kill(), child.close())):
        child = ChildProcess("tests.core.echoing", has_scratch=True)
        child.tell("hello", seconds=30)
        folder = Path(child.ask(("tempdir", None), seconds=30)[1])
        assert folder.parent == places[0]
        assert folder.is_dir()
        end(child)
        assert not folder.exists()
