"""Visitors who left: their sessions end after a while, also where nobody else comes.

Streamlit lets go of a session that was away for too long only when another visitor leaves, and of
its files only once it is collected; the last one it holds on to until the next visitor comes.
"""

import asyncio
import gc
import time

from streamlit.runtime import Runtime

from xray_app.ui.session.memory import give_back

# For so long a visitor may come back; Streamlit's own time is longer (.streamlit/config.toml).
AWAY_SECONDS = 120.0
LOOK_SECONDS = 10.0


async def end_departed(runtime: Runtime) -> None:
    """Look after the sessions for as long as the server runs, in its event loop."""
    away: dict[str, float] = {}
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        away = _look(runtime, away)


def _look(runtime: Runtime, before: dict[str, float]) -> dict[str, float]:
    """End the sessions that were away for too long; say since when the others are away."""
    now = time.monotonic()
    away: dict[str, float] = {}
    ended = False
    for session in [info.session for info in runtime._session_mgr.list_sessions()]:
        if runtime.is_active_session(session.id):
            continue
        since = before.get(session.id, now)
        if now - since < AWAY_SECONDS:
            away[session.id] = since
            continue
        runtime.close_session(session.id)
        session.session_state.clear()  # it holds the upload, and the runtime may hold it
        ended = True
    if ended:
        gc.collect()  # what is left lies in reference cycles
        give_back()
    return away
