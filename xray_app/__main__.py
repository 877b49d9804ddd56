"""The command line: the same services as the pages.

Exit status 0, or 2 with one line on standard error when the input is bad; 141 when nobody reads the
output any more.
"""

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from xray_app.commands import COMMANDS
from xray_app.core import XrayAppError, first_line

_NOBODY_READS = 141  # what a shell says of a program that SIGPIPE ended; 1 is a verdict of check


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, where argparse prints the usage as well."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status."""
    parser = _Parser(prog="xray_app", description=__doc__.splitlines()[0] if __doc__ else None)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (add_arguments, run) in COMMANDS.items():
        help_line = (run.__doc__ or "").splitlines()[0]
        command = commands.add_parser(name, help=help_line, description=run.__doc__)
        add_arguments(command)
        command.set_defaults(run=run)
    options = parser.parse_args(arguments)
    _make_writable()
    try:
        options.run(options)
        sys.stdout.flush()  # a full disk is found out here, not after the status was returned
    except XrayAppError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read the output has seen enough, such as ``head``
        _drop_output()
        return _NOBODY_READS
    except OSError as error:
        _drop_output()
        print(_refused(error), file=sys.stderr)
        return 2
    return 0


def _make_writable() -> None:
    """Let no character end a command, nor an output that the shell closed (``>&-``).

    A file's name may hold bytes that are no text, and a sentence a sign that a terminal lacks.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            setattr(sys, name, os.fdopen(nowhere, "w", encoding="utf-8"))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """Let what was not written go, so that Python doesn't try again at its end."""
    with contextlib.suppress(OSError):  # the output may be no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refused(error: OSError) -> str:
    """What the system says, which no part of the program expected: a full disk, mostly."""
    place = f" at {Path(error.filename).name}" if isinstance(error.filename, str) else ""
    return f"The system refused{place}: {first_line(error)}. Mend that and run it again."


if __name__ == "__main__":
    sys.exit(main())
