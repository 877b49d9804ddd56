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
from xray_app.ui.session.departures import AWAY_SECONDS

_LOOKS = 4  # how often in that time it looks whether the visitor is here
_KEY = "session_job"


class SessionJob:
    """One visitor's batch, at work or done. Safe with threads.

    As long as there is a batch, and no longer, one thread looks after the visitor.

    Args:
        is_here: says whether the visitor is connected.
        seconds: how long a visitor may stay away.
    """

    def __init__(self, is_here: Callable[[], bool], seconds: float = AWAY_SECONDS) -> None:
        self.job: Job | None = None
        self._is_here = is_here
        self._seconds = seconds
        self._lock = threading.Lock()
        self._cleared = threading.Event()

    def start(self, job: Job) -> None:
        """Put a job in the place of the one before, and begin it."""
        with self._lock:
            self._clear()
            self.job, self._cleared = job, threading.Event()
            threading.Thread(target=self._watch, args=(self._cleared,), daemon=True).start()
        job.start()

    def clear(self) -> None:
        """Stop the job and let go of all that it holds."""
        with self._lock:
            self._clear()

    def _clear(self) -> None:
        self._cleared.set()
        if self.job is not None:
            self.job.close()
        self.job = None

    def _watch(self, cleared: threading.Event) -> None:
        """Let go of all once the visitor was away at every look in ``seconds``."""
        away = 0
        while not cleared.wait(self._seconds / _LOOKS):
            away = 0 if self._is_here() else away + 1
            if away == _LOOKS:
                with self._lock:
                    if not cleared.is_set():
                        self._clear()


def own_session_job() -> SessionJob:
    """The batch of the visitor whose script runs."""
    session_job: SessionJob | None = st.session_state.get(_KEY)
    if session_job is None:
        context = get_script_run_ctx()
        session = context.session_id if context is not None else ""
        session_job = st.session_state[_KEY] = SessionJob(lambda: _is_connected(session))
    return session_job


def _is_connected(session: str) -> bool:
    return exists() and get_instance().is_active_session(session)
