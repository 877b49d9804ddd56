"""What the commands write: in any terminal, and never over what they read."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command_line import run, with_fake_engine
from tests.conftest import ROOT
from tests.fakes import FakeEngine
from xray_app import __main__ as command_line
from xray_app.samples.catalogue import read_sample


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    return with_fake_engine(monkeypatch)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs a command whose output takes one encoding, strictly; returns what it wrote."""

    def tell(encoding: str, *arguments: str) -> str:
        written = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding, errors="strict"))
        assert command_line.main(arguments) == 0
        return written.getvalue().decode(encoding)

    return tell


@pytest.mark.skipif(sys.platform != "linux", reason="names are text there")
def test_a_name_that_is_no_text_is_written_with_escapes(
    told: Callable[..., str], tmp_path: Path
) -> None:
    image = tmp_path / os.fsdecode(b"caf\xe9.png")
    image.write_bytes(read_sample("normal_1"))
    found = json.loads(told("utf-8", "predict", str(image), "--json"))
    assert found["file"] == str(image)
    report = tmp_path / os.fsdecode(b"o\xe9.html")
    assert "o\\udce9.html" in told("utf-8", "report", str(image), "--out", str(report))
    assert report.exists()


def test_a_sign_that_the_terminal_lacks_is_written_with_an_escape(
    told: Callable[..., str], tmp_path: Path
) -> None:
    image = tmp_path / "caf\u00e9 \u2260 \U0001f600.png"
    image.write_bytes(read_sample("normal_1"))
    for encoding in ("ascii", "latin-1"):
        assert json.loads(told(encoding, "predict", str(image), "--json"))["file"] == str(image)
        out = tmp_path / f"\u2260{encoding}.html"
        assert "\\u2260" in told(encoding, "report", str(image), "--out", str(out))


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_an_output_that_the_shell_closed_is_no_fault(closed: str) -> None:
    command = f"{sys.executable} -m xray_app schemes {closed}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "command",
    [
        "predict image.png --overlay image.png",
        "predict image.png --overlay ./link.png",
        "report image.html --out image.html",
        "report image.png --model model.pdf --out model.pdf",
        "dicom image.zip --out image.zip",
        "inspect image.png --write-card image.png",
        "batch image.png image.csv --out image.csv",
    ],
)
def test_what_is_read_is_not_written_over(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    command: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    content = read_sample("normal_1")
    names = [f"image.{suffix}" for suffix in ("png", "html", "zip", "csv")]
    for name in names:
        Path(name).write_bytes(content)
    Path("link.png").symlink_to("image.png")
    status, out, err = run(capsys, *command.split())
    assert (status, out) == (2, "")
    assert err.startswith("Expected another file to write to than the one that is read, received ")
    assert all(Path(name).read_bytes() == content for name in names)
