"""Writing that a kill or a full disk can't leave half done."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from xray_app.core.errors import InputError, first_line
from xray_app.core.records import AnyArray

_META = "meta"


def write_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` fill a temporary file beside ``path``, then put it in its place.

    Raises:
        InputError: the disk is full or the folder can't be written; ``path`` is as it was before.
    """
    # The suffix stays last, because savers choose the format by it.
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(temporary)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise InputError(
            f"Can't write {path.name}: {first_line(error)}. What was saved before is intact; "
            f"mend that and run the same command to go on from there."
        ) from error
    finally:
        if temporary.exists():
            temporary.unlink()


def write_json(path: Path, content: object, *, indent: int | None = 2) -> None:
    """Write JSON atomically.

    Raises:
        InputError: as ``write_atomically``.
    """
    text = json.dumps(content, indent=indent, allow_nan=False, ensure_ascii=False) + "\n"
    write_atomically(path, lambda p: _write_text(p, text))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def save_state(path: Path, arrays: Mapping[str, AnyArray], meta: Mapping[str, Any]) -> None:
    """Write named arrays and plain values into one ``.npz``, atomically.

    Raises:
        InputError: as ``write_atomically``.
    """
    text = np.array(json.dumps(meta))
    write_atomically(path, lambda p: np.savez(p, allow_pickle=False, **{_META: text}, **arrays))


def load_state(path: Path) -> tuple[dict[str, AnyArray], dict[str, Any]]:
    """Read what ``save_state`` wrote.

    Raises:
        InputError: the file is damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as content:
            arrays = {name: content[name] for name in content.files}
        meta = json.loads(str(arrays.pop(_META)))
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"Can't read {path.name}: it is damaged; delete it to start this run again."
        ) from error
    return arrays, meta
