"""An upload never touches the disk, not even on its way into the server."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def files_opened(which: str, temporary: Path) -> list[str]:
    """What a server opens in the temporary folder while a large file comes in."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.ui.upload_process", which],
        cwd=ROOT, env={"TMPDIR": str(temporary)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if str(temporary) in line]


def test_a_large_upload_to_the_pages_stays_in_memory(tmp_path: Path) -> None:
    assert files_opened("pages", tmp_path) == []
    assert files_opened("pages without middleware", tmp_path)  # else there is nothing to mend


def test_another_application_in_the_process_keeps_its_parser(tmp_path: Path) -> None:
    spooled = files_opened("another", tmp_path)
    assert spooled
    assert len(files_opened("both", tmp_path)) == len(spooled)  # those of the other one alone


def test_what_one_visitor_may_hold_is_bounded(tmp_path: Path) -> None:
    files_opened("bounded", tmp_path)
