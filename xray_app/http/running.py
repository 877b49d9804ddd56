"""Running the service."""

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Collection, Iterator

import uvicorn

from xray_app.core import XrayAppError, first_line
from xray_app.core.processes import kill_children
from xray_app.http.admission import Limits
from xray_app.http.answering import Engines
from xray_app.http.application import create_app
from xray_app.http.protocol import Protocol
from xray_app.readers import warm_up

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SECONDS_TO_END = 5  # a container is killed after ten
_SECONDS_TO_STOP = 1.0  # for threads whose answer nobody waits for any more


def listen(host: str, port: int) -> socket.socket:
    """A socket at ``host``:``port``; port 0 is any that is free.

    Raises:
        XrayAppError: the address can't be had.
    """
    if not 0 <= port <= 65535:
        raise XrayAppError(f"Can't listen at port {port}: expected one from 0 to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise XrayAppError(
            f"Can't listen at {host}, port {port}: {first_line(error)}. "
            "Choose another with --port or --host."
        ) from error


class Server(uvicorn.Server):
    """Ends in peace: uvicorn would raise the signal anew once all is answered."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop serving at the signals that ask for it, and leave it at that."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {kind: signal.signal(kind, self.handle_exit) for kind in _SIGNALS}
        try:
            yield
        finally:
            for kind, handler in before.items():
                signal.signal(kind, handler)


def make_server(engines: Engines, limits: Limits, names: Collection[str] = ()) -> Server:
    """The server of these models; it logs no request."""
    config = uvicorn.Config(
        create_app(engines, limits, names),
        http=Protocol,
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_SECONDS_TO_END,
    )
    return Server(config)


def serve(listening: socket.socket, limits: Limits, names: Collection[str] = ()) -> None:
    """Answer at that socket until interrupted; whoever is still waited for then is ended.

    Raises:
        ModelError: the first model can't be used.
    """
    with contextlib.closing(Engines()) as engines:
        engines.get()
        warm_up()
        try:
            make_server(engines, limits, names).run(sockets=[listening])
        finally:
            kill_children()  # a thread may wait for one that doesn't answer
            _end_held()


def _end_held() -> None:
    """End the process if a thread goes on: Python would wait for it, however long it computes."""
    until = time.monotonic() + _SECONDS_TO_STOP
    others = [
        thread
        for thread in threading.enumerate()
        if not thread.daemon and thread is not threading.current_thread()
    ]
    for thread in others:
        thread.join(max(0.0, until - time.monotonic()))
    if any(thread.is_alive() for thread in others):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
