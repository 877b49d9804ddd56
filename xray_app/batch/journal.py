"""The rows so far, in a file that outlives being killed.

It lies beside the table that is to be, named ``.partial``: a line that says what was asked for,
then a line of values for each row, in the order of the inputs. A last line that is cut short is
dropped, and so are rows behind the last whole batch, so that a resumed run forms the same batches.
"""

import contextlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from xray_app.batch.rows import Value
from xray_app.core import InputError, UnreadableFile, first_line

_SYNC_SECONDS = 2.0
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Heading:
    """What the rows depend on: a run goes on only where all of it is the same.

    Attributes:
        card: digest of the model's card, which names weights, graph, gate and calibration.
        saliency: whether overlays are made.
    """

    model: str
    card: str
    scheme: str
    columns: tuple[str, ...]
    saliency: bool

    def line(self) -> str:
        """As the journal's first line."""
        return json.dumps({"version": _VERSION} | {n: getattr(self, n) for n in self.__slots__})


def journal_of(table: Path) -> Path:
    """Where the rows so far of ``table`` lie."""
    return table.with_name(table.name + ".partial")


class Journal:
    """Appends rows; on disk every few seconds, and at the end."""

    def __init__(self, path: Path, heading: Heading, resume: bool, batch: int) -> None:
        """Open the journal, and on resuming drop what is behind the last whole batch.

        Raises:
            InputError: there is one and ``resume`` is not set; it is of another model or scheme; or
                another run is writing it.
            UnreadableFile: the system refuses.
        """
        self.path = path
        if path.exists() and not resume:
            raise InputError(
                f"An unfinished table is in {path.name}. Add --resume to go on with it, or delete "
                "it to start again."
            )
        try:
            self._file: IO[bytes] = path.open("r+b" if path.exists() else "x+b")
        except OSError as error:
            raise UnreadableFile(f"Can't write {path}: {first_line(error)}.") from error
        self._synced = time.monotonic()
        try:
            self._lock()
            self.count = self._begin(heading, batch)
            self._has_rows = self.count > 0
        except BaseException:
            self._file.close()
            raise

    def append(self, row: Sequence[Value]) -> None:
        """Add one row: with the system at once, so that killing this process loses none."""
        line = json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        self._has_rows = True
        with self._writing():
            self._file.write(line)
            self._file.flush()
        if time.monotonic() - self._synced > _SYNC_SECONDS:
            self.sync()

    def sync(self) -> None:
        """Bring what was added to the disk."""
        with self._writing():
            self._file.flush()
            os.fsync(self._file.fileno())
        self._synced = time.monotonic()

    def drop_if_empty(self) -> None:
        """Delete it if no row is in it: it would only stand in the next run's way."""
        if not self._has_rows:
            with contextlib.suppress(OSError):  # what failed before is told
                self.path.unlink()

    def close(self) -> None:
        """Bring all to the disk and let go of the file."""
        try:
            self.sync()
        finally:
            with contextlib.suppress(OSError):  # was told by ``sync``
                self._file.close()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Tell what the system refuses; a row that is there in part is left out with --resume."""
        try:
            yield
        except OSError as error:
            raise InputError(
                f"Can't write {self.path.name}: {first_line(error)}. The rows before are kept; "
                "mend that and go on with --resume."
            ) from error

    def _begin(self, heading: Heading, batch: int) -> int:
        """Write the heading or compare it; return the number of rows that are kept."""
        line = heading.line().encode() + b"\n"
        first = self._file.readline()
        if not first.endswith(b"\n"):  # killed before its first row
            self._file.seek(0)
            self._file.truncate()
            self._file.write(line)
            self.sync()
            return 0
        if first != line:
            raise InputError(
                f"Expected the model (weights and card included), scheme and options with which "
                f"{self.path.name} was begun, received others. Give the same, or delete it to "
                "start again."
            )
        whole = sum(1 for row in self._file if row.endswith(b"\n"))
        count = whole // batch * batch
        self._file.seek(len(line))
        for _ in range(count):
            self._file.readline()
        self._file.truncate(self._file.tell())
        return count

    def _lock(self) -> None:
        with contextlib.suppress(ImportError):
            import fcntl

            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise InputError(
                    f"Another run is writing {self.path.name}. Wait for it, or stop it first."
                ) from error


def journal_rows(path: Path) -> Iterator[list[Any]]:
    """The rows of a journal, one at a time.

    Raises:
        UnreadableFile: a line is damaged.
    """
    with path.open("rb") as file:
        file.readline()
        for line in file:
            try:
                yield json.loads(line)
            except (ValueError, RecursionError) as error:
                raise UnreadableFile(
                    f"Expected whole rows in {path.name}, received a damaged one. Delete it and "
                    "start again."
                ) from error
