"""What a visitor's batch is made of, and the bounds that it is held to."""

import base64
import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xray_app.batch import Item, Row, from_upload
from xray_app.core import FileTooLarge, InputError, Progress, ServerBusy
from xray_app.core.text import distinct_names
from xray_app.readers import is_archive

MAX_FILES = 500
MAX_ROWS = 2_000  # files with many frames have a row for each
MAX_BYTES = 200_000_000  # of one visitor's files, unpacked
MAX_OVERLAY_BYTES = 100_000_000
_ALL_BYTES = 600_000_000  # of all visitors' files and overlays
THUMBNAIL_PIXELS = 64

State = Literal["waiting", "running", "done", "cancelled", "failed"]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One row, what it was made from, and what is shown with it.

    Attributes:
        number: from 1, in the order of the files.
        thumbnail: a small JPEG as a data URI; "" if there is no image.
        overlay: a PNG, if one was asked for and there was room.
    """

    number: int
    item: Item
    row: Row
    thumbnail: str
    overlay: bytes | None


@dataclass(frozen=True, slots=True)
class Order:
    """What to do: files as they were uploaded, under one scheme of one model.

    ``model`` stands for the model and all that its card says.
    """

    items: tuple[Item, ...]
    model: tuple[str, str]
    scheme: str
    overlays: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class JobView:
    """Where a job stands at one moment.

    Attributes:
        before: how many batches come first, while it waits.
        progress: rows that are there, of how many, how fast.
        entries: the rows so far.
        note: what a person must know of how it ended, in a sentence; else "".
    """

    state: State
    is_stopping: bool
    before: int
    progress: Progress
    entries: tuple[Entry, ...]
    note: str

    @property
    def is_busy(self) -> bool:
        """Whether there is more to come."""
        return self.state in ("waiting", "running")


class Budget:
    """Bytes that may be held by all together. Safe with threads."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._lock = threading.Lock()

    def take(self, size: int) -> None:
        """Take some.

        Raises:
            ServerBusy: there are not so many left.
        """
        with self._lock:
            if size > self._left:
                raise ServerBusy(
                    "Other visitors' batches fill this server's memory; try again later, or with "
                    "fewer files."
                )
            self._left -= size

    def give_back(self, size: int) -> None:
        """Give some back."""
        with self._lock:
            self._left += size

    @property
    def left(self) -> int:
        """How many bytes may still be taken."""
        return self._left


BUDGET = Budget(_ALL_BYTES)


def distinct(items: Sequence[Item]) -> tuple[Item, ...]:
    """The items with repeated names numbered on, as in an archive: "a.png", "a.png (2)"."""
    names = distinct_names(item.name for item in items)
    return tuple(replace(item, name=name) for item, name in zip(items, names, strict=True))


def expanded(item: Item) -> list[Item]:
    """The files of an archive, unpacked in another process; else the item itself."""
    if item.data is None or not is_archive(item.data):
        return [item]
    try:
        return from_upload("", item.data)
    except InputError as error:
        return [Item(item.name, problem=str(error))]


def size_of(items: Sequence[Item]) -> int:
    """Bytes of the items' files."""
    return sum(len(item.data or b"") for item in items)


def check_limits(items: Sequence[Item]) -> None:
    """Check what one visitor may bring.

    Raises:
        FileTooLarge: too many files or bytes.
    """
    size = size_of(items)
    if len(items) > MAX_FILES or size > MAX_BYTES:
        raise FileTooLarge(
            f"Expected at most {MAX_FILES} files and {MAX_BYTES // 1_000_000} MB, received "
            f"{len(items)} files and {size / 1e6:.0f} MB; take fewer, or use the command batch."
        )


def thumbnail(image: NDArray[np.uint8]) -> str:
    """An image (h, w) uint8 as a small JPEG in a data URI."""
    small = Image.fromarray(image)
    small.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode("ascii")
