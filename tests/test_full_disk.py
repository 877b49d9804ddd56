"""Output that has no room: exit status 2, one line, and no file that is cut short."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from xray_app import __main__ as command_line
from xray_app.samples.catalogue import read_sample

FULL = Path("/dev/full")
needs_full_device = pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")


@needs_full_device
@pytest.mark.parametrize(
    "command",
    ["predict sample:normal_1 --json", "compare sample:normal_1", "schemes", "models", "answer"],
)
def test_output_that_has_no_room_is_one_line(command: str) -> None:
    with FULL.open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "xray_app", *command.split()],
            cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == (
        "The system refused: No space left on device. Mend that and run it again.\n"
    )


def test_who_has_seen_enough_is_not_told_of_it() -> None:
    command = f"{sys.executable} -m xray_app compare sample:normal_1 --json | head -1"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("{\n", "")


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB with 8 kB left."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(place)]
    can = shutil.which("mount") is not None
    if not can or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small file system can't be mounted here")
    (place / "filler").write_bytes(bytes(56 * 1024))
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize(
    "command",
    [
        "predict sample:normal_1 --overlay {}/overlay.png",
        "report sample:normal_1 --out {}/report.html",
        "report sample:normal_1 --out {}/report.pdf",
        "dicom sample:normal_1 --out {}/objects.zip",
        "batch {samples} --out {}/table.csv",
    ],
)
def test_a_full_disk_is_one_line_and_no_file_is_cut_short(
    full_disk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    samples = tmp_path / "samples"
    samples.mkdir()
    for i in range(20):  # rows of half a kilobyte
        (samples / f"{i}.png").write_bytes(read_sample("normal_1"))
    arguments = command.format(full_disk, samples=samples).split()
    assert command_line.main(arguments) == 2
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert ": No space left on device." in error
    left = {path.name for path in full_disk.iterdir()} - {"filler"}
    assert left <= {"table.csv.partial"}
    if left:
        (full_disk / "filler").unlink()
        assert command_line.main([*arguments, "--resume"]) == 0
        table = (full_disk / "table.csv").read_text().splitlines()
        assert len(table) == 1 + 20
