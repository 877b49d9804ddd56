"""Processes that answer requests about files; what a file does to one costs one sentence."""

import os
import queue
import signal
from collections.abc import Sequence
from typing import Any

from xray_app.core import (
    FileTooLarge,
    InputError,
    UnknownChoice,
    UnreadableFile,
    UnsupportedFile,
    XrayAppError,
)
from xray_app.core.processes import ChildProcess, ChildStopped
from xray_app.readers.limits import MAX_SECONDS
from xray_app.readers.sandbox.messages import (
    EXIT_KILLED,
    EXIT_TIMED_OUT,
    READY,
    receive_radiograph,
)

_START_SECONDS = 60.0
_GRACE = 2.0  # seconds until the parent does what the child's own alarm should have done
# One thread is enough for luma; a process with threads must not fork.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
# For glibc: a fork, which ends soon, keeps freed blocks for the next array instead of giving them
# back, and asks for large pages; touching fresh small ones takes a third of a large image's time.
_KEEP = str(32 * 2**20)
_MALLOC = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": _KEEP,
    "MALLOC_TRIM_THRESHOLD_": _KEEP,
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
_ENVIRONMENT = _ONE_THREAD | _MALLOC
_ERRORS = {
    error.__name__: error
    for error in (InputError, UnreadableFile, UnsupportedFile, FileTooLarge, UnknownChoice)
}


class Pool:
    """Processes that answer requests, each started when it is first needed.

    Args:
        size: how many at most, and so how many requests at a time.
        seconds: time limit of a request; the process's own is the same.
        module: the module that it runs.
    """

    def __init__(
        self,
        size: int = 2,
        seconds: int = MAX_SECONDS,
        module: str = "xray_app.readers.sandbox.worker",
    ) -> None:
        self._seconds = seconds
        self._module = module
        # last in, first out: one visitor at a time never starts the second process
        self._idle: queue.LifoQueue[_Process | None] = queue.LifoQueue()
        self._size = size
        for _ in range(size):
            self._idle.put(None)

    def ask(self, *request: Any) -> Any:
        """Wait for a free process and for its answer.

        Raises:
            InputError: what the task raised, or what stopped it.
            XrayAppError: no process could be started.
        """
        process = self._idle.get()
        try:
            if process is not None and not process.is_alive:
                process.close()
                process = None
            process = process or _Process(self._module)
            kind, *answer = process.ask(request, self._seconds)
        except BaseException:
            if process is not None:
                process.close()
            process = None
            raise
        finally:
            self._idle.put(process)
        if kind == "error":
            raise _ERRORS[answer[0]](answer[1])
        return answer[0]

    def ask_each(self, task: str, files: Sequence[Any], *arguments: Any) -> list[Any]:
        """Ask about several files in one request: for each its answer, or what is wrong with it.

        If one of them stops the process, all are asked about again, each in its own request.

        Raises:
            XrayAppError: no process could be started.
        """
        if not files:
            return []
        try:
            answers = self.ask(task, files, *arguments)
        except InputError as error:
            if len(files) == 1:
                return [error]
            return [a for file in files for a in self.ask_each(task, [file], *arguments)]
        return [_ERRORS[a[1]](a[2]) if a[0] == "error" else a[1] for a in answers]

    def start_one(self) -> None:
        """Start a process if none is there and none is at work."""
        process = self._idle.get()
        try:
            if process is None and self._idle.qsize() == self._size - 1:
                process = _Process(self._module)
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """End the processes, after the requests that they are at work on."""
        for _ in range(self._size):
            process = self._idle.get()
            if process is not None:
                process.close()
        for _ in range(self._size):
            self._idle.put(None)


class _Process:
    """One child process; it answers one request at a time."""

    def __init__(self, module: str) -> None:
        self._child = ChildProcess(module, _ENVIRONMENT, receive_radiograph)
        self._is_ready = False
        self.close = self._child.close

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._child.is_alive

    def ask(self, request: tuple[Any, ...], seconds: int) -> Any:
        """Send a request and wait at most ``seconds`` for its answer."""
        self._await_start()
        try:
            return self._child.ask(request, seconds + _GRACE)
        except ChildStopped as stop:
            raise _refusal(stop, seconds) from stop

    def _await_start(self) -> None:
        if self._is_ready:
            return
        try:
            self._is_ready = self._child.told(_START_SECONDS) == READY
        except ChildStopped as stop:
            raise XrayAppError(
                "The process that decodes files didn't start, perhaps for lack of memory."
                " Try again."
            ) from stop


def _refusal(stop: ChildStopped, seconds: int) -> XrayAppError:
    """Whose fault it is: a process that was stopped or killed says nothing of the file."""
    if stop.status == EXIT_TIMED_OUT or (stop.timed_out and not hasattr(os, "fork")):
        return FileTooLarge(
            f"Expected an image that is decoded within {seconds} s, received one that takes "
            "longer. Reduce it, or save it without compression."
        )
    if stop.timed_out:  # the process's own alarm ends it sooner, unless it is at a standstill
        return InputError("The process that decodes files did not answer and was ended. Try again.")
    if stop.status in (EXIT_KILLED, -signal.SIGKILL):
        return InputError(
            "The process that decodes files was ended from outside, perhaps because memory ran "
            "out. Try again, or reduce the image."
        )
    return UnreadableFile(
        "Expected a whole image, received one on which the decoder stopped: it is damaged, or "
        "takes more memory than is allowed. Copy or export it again."
    )
