"""States of a run that a kill or a full disk can't leave half done."""

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from xray_app.core import AnyArray, InputError, make_folder, write_atomically

_META = "meta"


def save_state(path: Path, arrays: Mapping[str, AnyArray], meta: Mapping[str, Any]) -> None:
    """Write named arrays and plain values into one ``.npz``, atomically.

    Raises:
        InputError: as ``write_atomically``.
    """
    make_folder(path.parent)
    text = np.array(json.dumps(meta))
    write_atomically(path, lambda p: np.savez(p, allow_pickle=False, **{_META: text}, **arrays))


def load_state(path: Path) -> tuple[dict[str, AnyArray], dict[str, Any]]:
    """Read what ``save_state`` wrote.

    Raises:
        InputError: the file is damaged.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            arrays = {name: content[name] for name in content.files}
        meta = json.loads(str(arrays.pop(_META)))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
        raise InputError(
            f"Can't read {path.name}: it is damaged; delete it to start this run again."
        ) from error
    return arrays, meta
