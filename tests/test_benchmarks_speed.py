"""What the benchmark of speed compares: the same work on both sides."""

from pathlib import Path

import pytest

from benchmarks import speed


def test_all_cold_commands_read_the_same_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A built-in sample starts no decoding process, and would flatter the app."""
    asked: list[list[str]] = []

    def timed(command: list[str]) -> tuple[float, float]:
        (image,) = (word for word in command if word.endswith(".png"))
        assert Path(image).is_file()
        asked.append([image, *command])
        return 1.0, 100.0

    monkeypatch.setattr(speed, "time_and_memory", timed)
    assert "| minimal Keras script | 1.00 |" in speed.cold(2)
    assert len(asked) == 6
    assert len({image for image, *_ in asked}) == 1
    assert not any("sample:" in word for command in asked for word in command)
