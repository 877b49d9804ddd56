"""Files: read or refused in one sentence; written whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path

from xray_app.core.errors import InputError, UnreadableFile, first_line


def read_bytes(path: Path, name: str = "", most: int = -1) -> bytes:
    """Read a file, or its beginning.

    Args:
        path: the file.
        name: what the sentence calls it; by default the file's name without its folders.
        most: how many bytes at most; -1 is all.

    Raises:
        UnreadableFile: the system refuses.

    >>> read_bytes(Path("missing.png"))
    Traceback (most recent call last):
    xray_app.core.errors.UnreadableFile: Can't read missing.png: No such file or directory.
    """
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise UnreadableFile(f"Can't read {name or path.name}: {first_line(error)}.") from error


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a temporary file beside ``path``, then put it in its place.

    A link is followed; a device or a pipe can't be replaced, so ``write`` gets it itself.

    Raises:
        InputError: the disk is full or the folder can't be written; ``path`` is as it was before.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "note.txt")
    ...     write_atomically(path, lambda temporary: temporary.write_text("whole"))
    ...     path.read_text(), len(os.listdir(folder))
    ('whole', 1)
    """
    place = path.resolve()
    # The suffix stays last, because savers choose the format by it.
    temporary = place.with_name(f".{os.getpid()}-{place.name}")
    try:
        if place.exists() and not place.is_file():
            write(place)
            return
        write(temporary)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(place)
    except OSError as error:
        raise InputError(
            f"Can't write {path.name}: {first_line(error)}. What was saved before is intact; mend "
            "that and run the same command again."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 atomically.

    Raises:
        InputError: as ``write_atomically``.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_text(Path(folder, "note.txt"), "µGy")
    ...     len(Path(folder, "note.txt").read_bytes())
    4
    """
    write_atomically(path, lambda p: p.write_text(text, encoding="utf-8"))


def make_folder(path: Path) -> None:
    """Make a folder and those above it, where they are not there.

    Raises:
        InputError: the system refuses.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     make_folder(Path(folder, "study", "runs"))
    ...     Path(folder, "study", "runs").is_dir()
    True
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"Can't make the folder {path}: {first_line(error)}.") from error
