"""A child process that answers requests over its standard input and output, within a time.

It ends when its input closes, so it never outlives the process that started it.
"""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from io import FileIO
from pathlib import Path
from typing import Any, cast

from xray_app.core.errors import XrayAppError, first_line
from xray_app.core.paths import import_root
from xray_app.core.processes.messages import Pipe, receive, send, widen
from xray_app.core.scratch import make_scratch, remove_scratch

_GRACE = 2.0  # seconds in which it may end by itself


class ChildStopped(Exception):
    """The process ended or was ended without an answer; it can't be asked again.

    Args:
        timed_out: its time was over.
        status: its exit status; negative if a signal ended it.
    """

    def __init__(self, *, timed_out: bool, status: int | None) -> None:
        super().__init__(f"timed out: {timed_out}, exit status: {status}")
        self.timed_out = timed_out
        self.status = status


class ChildProcess:
    """A Python process that runs a module and answers one request at a time.

    Args:
        module: run as ``python -m``; it gets requests and sends answers over ``own_pipes()``.
        environment: variables besides the present ones.
        receive: reads an answer; another than ``messages.receive`` where it is not trusted.
        has_scratch: it has a folder of its own for temporary files, which goes with it; TensorFlow
            leaves some.

    Raises:
        XrayAppError: the system starts no more processes.
    """

    def __init__(
        self,
        module: str,
        environment: Mapping[str, str] | None = None,
        receive: Callable[[Pipe], Any] = receive,
        *,
        has_scratch: bool = False,
    ) -> None:
        self._receive = receive
        scratch = make_scratch() if has_scratch else None
        own = {"TMPDIR": str(scratch)} if scratch else {}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=import_root(),
                env={**os.environ, **(environment or {}), **own},
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # so that its forks can be killed with it
            )
        except OSError as error:
            _clean(scratch)
            raise XrayAppError(
                f"Another process could not be started: {first_line(error)}. Close other programs, "
                "or try again later."
            ) from error
        # One that doesn't answer doesn't see its input close either, and would outlive this.
        self._at_exit = weakref.finalize(self, _end, self._process, scratch)
        self._scratch = scratch
        _children.add(self)
        self._requests = cast("FileIO", self._process.stdin)
        self._answers = cast("FileIO", self._process.stdout)
        for pipe in (self._requests, self._answers):
            widen(pipe)

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def ask(self, request: Any, seconds: float) -> Any:
        """Send a request and wait at most ``seconds`` for its answer; one that is late is killed.

        Raises:
            ChildStopped: there was no answer, or none that can be read.
        """
        with self._within(seconds):
            send(self._requests, request)
            return self._receive(self._answers)

    def tell(self, request: Any, seconds: float) -> None:
        """Send a request that has no answer, within ``seconds``.

        Raises:
            ChildStopped: as ``ask``.
        """
        with self._within(seconds):
            send(self._requests, request)

    def told(self, seconds: float) -> Any:
        """Wait at most ``seconds`` for what it says unasked.

        Raises:
            ChildStopped: as ``ask``.
        """
        with self._within(seconds):
            return self._receive(self._answers)

    def kill(self) -> None:
        """End it at once, also from another thread: one that waits for an answer gets none."""
        _kill(self._process)

    def close(self, grace: float = _GRACE) -> None:
        """End it; it has ``grace`` seconds to finish what it is at."""
        for pipe in (self._requests, self._answers):
            with contextlib.suppress(OSError):  # what was left unsent to a dead child stays unsent
                pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(grace)
        self.kill()
        self._process.wait()
        _clean(self._scratch)
        self._at_exit.detach()

    @contextlib.contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        over = threading.Event()
        timer = threading.Timer(seconds, self._end_late, [over])
        timer.daemon = True
        timer.start()
        try:
            yield
        except (OSError, EOFError, pickle.UnpicklingError, ValueError) as error:
            self.close()
            raise ChildStopped(timed_out=over.is_set(), status=self._process.returncode) from error
        except BaseException:  # an answer that nobody waits for would be the next request's
            self.close(grace=0.0)
            raise
        finally:
            timer.cancel()

    def _end_late(self, over: threading.Event) -> None:
        over.set()
        self.kill()


_children: weakref.WeakSet[ChildProcess] = weakref.WeakSet()


def kill_children() -> None:
    """End every child process of this one at once, before the program ends."""
    for child in list(_children):
        child.kill()


def _end(process: "subprocess.Popen[bytes]", scratch: Path | None) -> None:
    _kill(process)
    _clean(scratch)


def _clean(scratch: Path | None) -> None:
    if scratch is not None:
        remove_scratch(scratch)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    if process.returncode is not None:
        return  # its number may be another process's by now
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def own_pipes() -> tuple[FileIO, FileIO]:
    """In a child: where its requests come from, and where its answers go.

    Libraries may print; from now on that goes to standard error and not among the answers.
    """
    answers = FileIO(os.dup(1), "wb")
    os.dup2(2, 1)
    return FileIO(0), answers
