"""Private folders for files that must exist for a moment, in memory where the system has that."""

import contextlib
import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from xray_app.core.errors import XrayAppError, first_line

_PREFIX = "xray-app-"
_IN_MEMORY = Path("/dev/shm")  # a file there never reaches a disk, but for swap
_ROOM = 2**20  # bytes beside what is asked for


@contextlib.contextmanager
def scratch_folder(needed: int = 0) -> Iterator[Path]:
    """A folder that this user alone can read, gone with the block.

    Args:
        needed: bytes that will be written.

    Raises:
        XrayAppError: no place has that much room, or a write in the block found it full.

    >>> with scratch_folder() as folder:
    ...     folder.is_dir()
    True
    >>> folder.exists()
    False
    """
    folder = make_scratch(needed)
    try:
        yield folder
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise XrayAppError(_no_room(needed, first_line(error))) from error
    finally:
        remove_scratch(folder)


def make_scratch(needed: int = 0) -> Path:
    """Make such a folder, to be removed with ``remove_scratch``.

    Those that were left behind by a process that was killed are removed first.

    Raises:
        XrayAppError: no place has that much room.

    >>> folder = make_scratch()
    >>> folder.is_dir()
    True
    >>> remove_scratch(folder)
    """
    reason = "there is no such folder"
    for place in (_IN_MEMORY, Path(tempfile.gettempdir())):
        try:
            _sweep(place)
            if shutil.disk_usage(place).free < needed + _ROOM:
                reason = f"{place} is too small or too full"
                continue
            return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=place))
        except OSError as error:
            reason = first_line(error)
    raise XrayAppError(_no_room(needed, reason))


def remove_scratch(folder: Path) -> None:
    """Remove it with all that is in it.

    >>> folder = make_scratch()
    >>> remove_scratch(folder)
    >>> folder.exists()
    False
    """
    shutil.rmtree(folder, ignore_errors=True)


def _no_room(needed: int, reason: str) -> str:
    return (
        f"Expected room for {needed / 1e6:.1f} MB of temporary files: {reason}. Free some, or name "
        "another folder with TMPDIR."
    )


def _sweep(place: Path) -> None:
    for folder in place.glob(f"{_PREFIX}*-*"):
        owner = re.match(rf"{_PREFIX}(\d+)-", folder.name)
        if owner and not _is_running(int(owner[1])):
            remove_scratch(folder)


def _is_running(number: int) -> bool:
    if os.name != "posix":
        return True  # a signal would end it there
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # another user's
    return True
