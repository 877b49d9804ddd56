"""A state that a kill can't leave half done, and a file that something else has damaged."""

from pathlib import Path

import numpy as np
import pytest

from xray_app.core.errors import InputError
from xray_app.training.state_files import load_state, save_state


def saved(folder: Path) -> Path:
    path = folder / "state.npz"
    save_state(path, {"weights": np.arange(5000.0)}, {"epoch": 3})
    return path


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    arrays, meta = load_state(saved(tmp_path))
    np.testing.assert_array_equal(arrays["weights"], np.arange(5000.0))
    assert (list(arrays), meta) == (["weights"], {"epoch": 3})


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :]


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: data[:2], id="two bytes"),
        pytest.param(lambda data: data[: len(data) // 2], id="half"),
        pytest.param(lambda data: data[:-1], id="all but one"),
        pytest.param(flipped, id="a byte flipped"),
        pytest.param(lambda data: b"no archive at all", id="text"),
    ],
)
def test_a_damaged_state_is_one_sentence(damaged, tmp_path: Path) -> None:
    path = saved(tmp_path)
    path.write_bytes(damaged(path.read_bytes()))
    with pytest.raises(InputError, match=r"state\.npz: it is damaged; delete it to start"):
        load_state(path)
