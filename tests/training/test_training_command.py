import re
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from xray_app.training import command
from xray_app.training.command import machine


@pytest.mark.parametrize(
    ("devices", "cores", "said"),
    [
        (["cpu:0"], 2, "2 processor cores"),
        (["cpu:0"], 1, "1 processor core"),
        (["cpu:0", "gpu:0"], 16, "1 GPU"),
        (["tpu:0", "tpu:1"], 96, "2 TPUs"),
    ],
)
def test_the_machine_in_words(
    devices: list[str], cores: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: devices)
    monkeypatch.setattr(command, "processors", lambda: cores)
    assert machine() == said


def test_here_it_is_what_keras_finds() -> None:
    assert machine().split(maxsplit=1)[1].startswith(("processor core", "GPU", "TPU"))


def test_bad_data_is_one_line_and_tensorflow_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "data" / "normal").mkdir(parents=True)
    asked = ["study", str(tmp_path / "data"), "--out", str(tmp_path / "out"), "--size", "32"]
    ran = subprocess.run(
        [sys.executable, "-m", "xray_app", *asked, "--arch", "CompactResNet"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert re.fullmatch(r"Expected .*\n", ran.stderr)
