"""app and serve: the pages for people, and the same answers for machines."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from xray_app.commands.common import Command
from xray_app.core import XrayAppError, data_directory

APP_PORT = 8501  # Streamlit's own default
SERVICE_PORT = 8601


def _address_arguments(parser: argparse.ArgumentParser, port: int) -> None:
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument("--port", type=int, default=port, help=f"port (default: {port})")


def _app_arguments(parser: argparse.ArgumentParser) -> None:
    _address_arguments(parser, APP_PORT)


def _serve_arguments(parser: argparse.ArgumentParser) -> None:
    _address_arguments(parser, SERVICE_PORT)
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="radiographs at a time (default: a core each)"
    )
    parser.add_argument(
        "--waiting", type=int, metavar="N", help="radiographs that may wait (default: 8)"
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        help="host name under which callers reach it, may be repeated (always: localhost, and any "
        "IP address)",
    )


def app_command(host: str, port: int) -> list[str]:
    """The command that starts the pages; Streamlit finds its configuration beside the script."""
    script = data_directory() / "streamlit_app.py"
    address = ["--server.address", host, "--server.port", str(port)]
    if host not in {"0.0.0.0", "::"}:  # the address to be shown; else the configuration's
        address += ["--browser.serverAddress", host]
    return [sys.executable, "-m", "streamlit", "run", str(script), *address]


def _app(options: argparse.Namespace) -> None:
    """Start the app, to be opened in a browser."""
    command = app_command(options.host, options.port)
    environment = _environment_with_home()
    if os.name == "posix":  # the server takes this process' place, and its signals
        os.execve(command[0], command, environment)
    subprocess.run(command, env=environment, check=False)


def _environment_with_home() -> dict[str, str]:
    """The environment; Streamlit looks for its settings at home, and fails where there is none."""
    try:
        Path.home()
    except RuntimeError:  # a container's user that no file knows
        return os.environ | {"HOME": tempfile.gettempdir()}
    return dict(os.environ)


def _serve(options: argparse.Namespace) -> None:
    """Answer predict and compare over HTTP, for machines."""
    try:
        from xray_app.http import Limits, listen, serve
    except ModuleNotFoundError as error:
        raise XrayAppError(
            f"Expected the packages of the HTTP service, found no {error.name}. Install them with "
            'pip install "xray-app[http]".'
        ) from error
    given = {"jobs": options.jobs, "waiting": options.waiting}
    limits = Limits(**{name: value for name, value in given.items() if value is not None})
    with listen(options.host, options.port) as listening:
        port = listening.getsockname()[1]
        print(
            f"Answering at http://{options.host}:{port}/openapi.json; Ctrl+C ends it.", flush=True
        )
        serve(listening, limits, [options.host, *options.name])


COMMANDS: dict[str, Command] = {
    "app": (_app_arguments, _app),
    "serve": (_serve_arguments, _serve),
}
