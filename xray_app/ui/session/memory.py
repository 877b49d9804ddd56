"""Memory that is free goes back to the operating system.

glibc keeps a heap for each of several threads, and every script run is a new thread: what one run
freed, the next can't use. It also learns to keep blocks of up to 32 MB, the size of a radiograph;
and where large blocks that are kept for a visitor lie among those of one script run, the free
places between them fit nothing for long. So there is one heap, and every array as large as a
model's input has a place apart (mallopt(3), malloc_trim(3)). Elsewhere nothing is done.
"""

import contextlib
import ctypes

_ARENA_MAX, _MMAP_THRESHOLD = -8, -3  # malloc.h
_BLOCK_BYTES = 512 * 2**10


def keep_little() -> None:
    """Set the limits for this process; once is enough, and best before much is loaded."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(_ARENA_MAX, 1)
        library.mallopt(_MMAP_THRESHOLD, _BLOCK_BYTES)


def give_back() -> None:
    """Return what is free now."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
