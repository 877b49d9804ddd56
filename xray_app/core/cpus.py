"""How many processors there are to work with."""

import os


def processors() -> int:
    """Return how many processors this process may use; a container may give fewer than there are.

    >>> processors() >= 1
    True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
