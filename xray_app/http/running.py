"""Running the service."""

import contextlib
import socket

import uvicorn

from xray_app.core import XrayAppError, first_line
from xray_app.http.admission import Limits
from xray_app.http.answering import Engines
from xray_app.http.application import create_app
from xray_app.readers import warm_up


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


def make_server(engines: Engines, limits: Limits) -> uvicorn.Server:
    """The server of these models; it logs no request."""
    config = uvicorn.Config(
        create_app(engines, limits),
        http="h11",
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    return uvicorn.Server(config)


def serve(listening: socket.socket, limits: Limits) -> None:
    """Answer at that socket until interrupted.

    Raises:
        ModelError: the first model can't be used.
    """
    with contextlib.closing(Engines()) as engines:
        engines.get()
        warm_up()
        with contextlib.suppress(KeyboardInterrupt):
            make_server(engines, limits).run(sockets=[listening])
