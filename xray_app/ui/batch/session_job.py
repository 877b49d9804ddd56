"""Where a visitor's batch is kept while the visitor is here.

Streamlit forgets a session's caches as soon as its connection drops, even for a moment. A batch
must survive that, so it is let go of only once the visitor has stayed away for a while.
"""

import threading
from collections.abc import Callable

import streamlit as st
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from xray_app.ui.batch.jobs import Job

AWAY_SECONDS = 120.0  # for so long Streamlit itself lets a visitor come back
_KEY = "batch_desk"


class Desk:
    """One visitor's batch, at work or done.

    Args:
        is_here: says whether the visitor is connected.
        seconds: how long a visitor may stay away.
    """

    def __init__(self, is_here: Callable[[], bool], seconds: float = AWAY_SECONDS) -> None:
        self.job: Job | None = None
        self._is_here = is_here
        self._seconds = seconds
        self._timer: threading.Timer | None = None

    def start(self, job: Job) -> None:
        """Put a job in the place of the one before, and begin it."""
        self.clear()
        self.job = job
        job.start()

    def clear(self) -> None:
        """Stop the job and let go of all that it holds."""
        if self.job is not None:
            self.job.close()
        self.job = None

    def leave(self) -> None:
        """Let go of all, unless the visitor comes back soon."""
        self._timer = threading.Timer(self._seconds, self._look)
        self._timer.daemon = True
        self._timer.start()

    def _look(self) -> None:
        if self._is_here():
            self.leave()
        else:
            self.clear()


def own_desk() -> Desk:
    """The desk of the visitor whose script runs."""
    desk: Desk | None = st.session_state.get(_KEY)
    if desk is None:
        context = get_script_run_ctx()
        session = context.session_id if context is not None else ""
        desk = st.session_state[_KEY] = Desk(lambda: _is_connected(session))
    _until_gone(desk)
    return desk


def _is_connected(session: str) -> bool:
    return exists() and get_instance().is_active_session(session)


@st.cache_resource(scope="session", show_spinner=False, on_release=lambda desk: desk.leave())
def _until_gone(_desk: Desk) -> Desk:
    return _desk
