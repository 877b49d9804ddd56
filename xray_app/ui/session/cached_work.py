"""Work for one visitor among many: done once, in turn, and waited for in plain sight."""

from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

import streamlit as st

from xray_app.core import processors
from xray_app.ui.session.fair_queue import FairQueue
from xray_app.ui.session.memory import give_back, keep_little
from xray_app.ui.session.session_cache import SessionCache, Visitor

T = TypeVar("T")

# More at once give no more results on few cores; each takes memory for some full-size arrays.
AT_ONCE = max(2, processors() // 2)
LONGEST_QUEUE = 50
# Beside the model and the libraries, this is what many visitors' images may take.
_CACHE_BYTES = 400_000_000
_CACHE_EACH = 32
_PLACE = "waiting_place"

# Files are decoded in other processes, two at a time: a heavy one must not hold up the model.
MODEL = FairQueue(AT_ONCE, LONGEST_QUEUE)
READERS = FairQueue(2, LONGEST_QUEUE)
PACS = FairQueue(2, LONGEST_QUEUE)  # each holds a whole file in memory while it comes
INSPECTIONS = FairQueue(1, LONGEST_QUEUE)  # each takes gigabytes (docs/load.md)


def waiting_place() -> None:
    """Leave a place on the page for the sentence that says how many come first."""
    st.session_state[_PLACE] = st.empty()


def once(
    key: Hashable,
    make: Callable[[], T],
    queue: FairQueue | None = None,
    doing: AbstractContextManager[object] | None = None,
) -> T:
    """What ``make`` makes, made again only if it had to go in the meantime.

    Args:
        key: all that the thing depends on; other visitors' things are never found.
        make: makes it; must not draw.
        queue: where to wait for a turn before making it; None if it is made at once.
        doing: the visible state while it is made.

    Raises:
        ServerBusy: too many wait already.
    """
    visitor = _visitor()
    found: T | None = visitor.get(key)
    if found is not None:
        return found
    sign = _Sign()
    with queue.turn(visitor, sign.show) if queue else nullcontext():
        sign.clear()
        # A click that came before this one may have made it while this one waited.
        found = visitor.get(key)
        if found is not None:
            return found
        with doing or nullcontext():
            made = make()
        visitor.put(key, made)
    return made


class _Sign:
    """How many come first, on the page."""

    def __init__(self) -> None:
        self._shown: int | None = None

    def show(self, before: int) -> None:
        """Say it; ends the script run if the visitor has left or clicked elsewhere."""
        if before != self._shown:
            st.session_state[_PLACE].info(
                f"Waiting: {before} before you. Anything below is from before your last click.",
                icon=":material/hourglass_top:",
            )
            self._shown = before
        # Any look at the state lets Streamlit end a run that nobody needs any more.
        _ = _PLACE in st.session_state

    def clear(self) -> None:
        """Take the sentence away."""
        if self._shown is not None:
            st.session_state[_PLACE].empty()


@st.cache_resource(show_spinner=False)
def session_cache() -> SessionCache:
    """Where everybody's things are kept; made before the first of them, and before a model."""
    keep_little()
    return SessionCache(_CACHE_BYTES, _CACHE_EACH)


def _leave(visitor: Visitor) -> None:
    visitor.leave()
    give_back()


@st.cache_resource(scope="session", show_spinner=False, on_release=_leave)
def _visitor() -> Visitor:
    return Visitor(session_cache())
