"""Memory that is free goes back to the operating system.

glibc keeps a heap for each of several threads, and every script run is a new thread: what one run
freed, the next can't use. It also learns to keep blocks of up to 32 MB, the size of a radiograph.
Two heaps, and blocks from 4 MB on apart (mallopt(3), malloc_trim(3)). Elsewhere nothing is done.
"""

import contextlib
import ctypes

_ARENA_MAX, _MMAP_THRESHOLD = -8, -3  # malloc.h
_BLOCK_BYTES = 4 * 2**20


def keep_little() -> None:
    """Set the limits for this process; once is enough, and best before much is loaded."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(_ARENA_MAX, 2)
        library.mallopt(_MMAP_THRESHOLD, _BLOCK_BYTES)


def give_back() -> None:
    """Return what is free now."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
