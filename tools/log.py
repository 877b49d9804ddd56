"""A line of a tool's log."""

import sys


def say(text: str) -> None:
    """Write it at once: whoever follows a long run sees it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
