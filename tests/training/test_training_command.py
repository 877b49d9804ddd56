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
