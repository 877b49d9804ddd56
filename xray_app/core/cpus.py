"""How many processors there are to work with."""

import os


def processors() -> int:
    """How many this process may use; a container may give fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
