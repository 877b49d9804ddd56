"""The process that decodes files, so that none of them can harm the one that serves visitors.

It loads the decoders once and then forks for each file: the fork reads one request, answers and
ends. So no file meets the memory of another, a crash costs one answer, and all memory is returned.
The operating system holds each fork to an address space and a time, lets it write no file and
leave no core dump (``resource`` and ``alarm`` of POSIX). Where there is no fork, as on Windows, the
process itself answers, and the time limit is kept by its parent alone.

Run as ``python -m xray_app.readers.sandbox.worker``; it ends when its standard input closes.
"""

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from io import FileIO
from typing import Any

from xray_app.core import FileTooLarge, FloatArray, InputError, UnreadableFile
from xray_app.core.images import Geometry, fitted
from xray_app.core.processes import own_pipes, receive, send
from xray_app.readers.limits import MAX_ADDRESS_SPACE, MAX_SECONDS
from xray_app.readers.registry import read_radiograph
from xray_app.readers.sandbox.messages import (
    EXIT_KILLED,
    EXIT_STOPPED,
    EXIT_TIMED_OUT,
    READY,
)
from xray_app.readers.sandbox.preload import prime

Tasks = Mapping[str, Callable[..., Any]]


def answer(tasks: Tasks, request: tuple[Any, ...]) -> tuple[Any, ...]:
    """Run a task: ("ok", its result), or ("error", the error's class name, its sentence).

    Args:
        tasks: by name; a task raises ``InputError`` for what its user can mend.
        request: the task's name and its arguments.

    >>> answer({"add": lambda a, b: a + b}, ("add", 1, 2))
    ('ok', 3)
    """
    name, *arguments = request
    try:
        return "ok", tasks[name](*arguments)
    except InputError as error:
        return "error", type(error).__name__, str(error)
    except MemoryError:
        sentence = (
            "Reading this file takes more memory than is allowed. Reduce it or crop it first."
        )
        return "error", FileTooLarge.__name__, sentence
    except Exception:  # noqa: BLE001 - its words may quote the file
        sentence = "Expected a file that can be read, received a damaged one. Export it again."
        return "error", UnreadableFile.__name__, sentence


def answer_each(
    task: Callable[..., Any], files: Iterable[Any], *arguments: Any
) -> list[tuple[Any, ...]]:
    """Run a task on each file: what ``Pool.ask_each`` expects of one that answers it.

    >>> answer_each(len, [b"four", b""])
    [('ok', 4), ('ok', 0)]
    """
    return [answer({"": task}, ("", file, *arguments)) for file in files]


def serve(tasks: Tasks, seconds: int = MAX_SECONDS) -> None:
    """Answer requests from standard input on standard output until the former closes.

    Args:
        tasks: as for ``answer``.
        seconds: time limit of a request.

    Raises:
        SystemExit: a request ended its fork; the status is a constant of ``messages``.
    """
    requests, answers = own_pipes()
    _limit("RLIMIT_AS", MAX_ADDRESS_SPACE)
    _limit("RLIMIT_CORE", 0)
    prime()
    _limit("RLIMIT_FSIZE", 0)
    gc.freeze()  # the collector leaves memory shared with the forks alone
    send(answers, READY)
    with contextlib.suppress(EOFError):
        while True:
            if hasattr(os, "fork"):
                _answer_apart(tasks, requests, answers, seconds)
            else:
                send(answers, answer(tasks, receive(requests)))


def _answer_apart(tasks: Tasks, requests: FileIO, answers: FileIO, seconds: int) -> None:
    """Fork, let the fork answer one request, and end with a telling status if it doesn't."""
    child = os.fork()
    if child == 0:
        _answer_once(tasks, requests, answers, seconds)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        statuses = {signal.SIGALRM: EXIT_TIMED_OUT, signal.SIGKILL: EXIT_KILLED}
        sys.exit(statuses.get(signal.Signals(os.WTERMSIG(status)), EXIT_STOPPED))
    if os.WEXITSTATUS(status):
        raise EOFError


def _answer_once(tasks: Tasks, requests: FileIO, answers: FileIO, seconds: int) -> None:
    status = 1
    try:
        request = receive(requests)
        signal.alarm(seconds)  # its default action ends the process, even inside a decoder
        send(answers, answer(tasks, request))
        status = 0
    finally:
        os._exit(status)


def _limit(name: str, value: int) -> None:
    """Set a resource limit where the operating system knows it."""
    with contextlib.suppress(ImportError, AttributeError, ValueError, OSError):
        import resource

        number = getattr(resource, name)
        hard = resource.getrlimit(number)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (value, value))


def _main() -> None:
    from xray_app.readers.archive import expand
    from xray_app.readers.arrays import read_arrays
    from xray_app.readers.as_stored import read_as_stored
    from xray_app.readers.dicom.reference import reference, uids

    serve(
        {
            "read": read_radiograph,
            "as stored": read_as_stored,
            "arrays": read_arrays,
            "displays": partial(answer_each, _display),
            "expand": expand,
            "reference": reference,
            "uids": uids,
        }
    )


def _display(data: bytes, geometry: Geometry) -> FloatArray:
    return fitted(read_radiograph(data), geometry)


if __name__ == "__main__":
    _main()
