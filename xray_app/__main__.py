"""The command line: the same services as the pages.

Exit status 0, or 2 with one line on standard error when the input is bad.
"""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from xray_app.commands import COMMANDS
from xray_app.core import XrayAppError, first_line


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
    try:
        options.run(options)
        sys.stdout.flush()  # a full disk is found out here, not after the status was returned
    except XrayAppError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read the output has seen enough, such as ``head``
        _drop_output()
        return 1
    except OSError as error:
        _drop_output()
        print(_refused(error), file=sys.stderr)
        return 2
    return 0


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
