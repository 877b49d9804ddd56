"""The server under load: started as a person starts it, and watched from outside."""

import contextlib
import random
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

ROOT = Path(__file__).parents[1]
_START_SECONDS = 60
_CHECKOUT = (
    sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.address=127.0.0.1",
    "--server.port",
)  # fmt: skip


@contextlib.contextmanager
def running_server(
    command: Sequence[str] = _CHECKOUT, folder: Path = ROOT
) -> Iterator[tuple[str, psutil.Process]]:
    """Address and process of a server of its own; it ends with the block.

    Args:
        command: starts it; the port is its last argument.
        folder: where it starts.

    Raises:
        TimeoutError: it doesn't answer within a minute.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([*command, str(port)], cwd=folder, **quiet)
    address = f"http://127.0.0.1:{port}"
    try:
        _await_health(address)
        yield address, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _await_health(address: str) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
            return
        time.sleep(0.02)
    raise TimeoutError(f"The server did not answer within {_START_SECONDS} s")


@dataclass
class Memory:
    """Samples of the memory of a process and all its children, in MB (10**6 bytes).

    ``rss`` counts pages that they share once for each, ``pss`` once in all.
    """

    process: psutil.Process
    seconds: float
    times: list[float] = field(default_factory=list)
    rss: list[float] = field(default_factory=list)
    pss: list[float] = field(default_factory=list)

    def sample(self) -> None:
        """Take one sample."""
        rss = pss = 0
        for process in (self.process, *self.process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):  # it may just have ended
                full = process.memory_full_info()
                rss += full.rss
                pss += full.pss
        self.times.append(time.monotonic())
        self.rss.append(rss / 1e6)
        self.pss.append(pss / 1e6)

    def cpu_seconds(self) -> float:
        """Processor time of all of them until now, of ended children as well."""
        total = 0.0
        for process in (self.process, *self.process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                total += sum(process.cpu_times()[:4])
        return total

    def slope(self, skip_seconds: float) -> float:
        """Least-squares slope of ``rss``, MB a minute, without the first ``skip_seconds``."""
        times = (np.array(self.times) - self.times[0]) / 60.0
        late = times >= skip_seconds / 60.0
        return float(np.polyfit(times[late], np.array(self.rss)[late], 1)[0])


@contextlib.contextmanager
def watched(process: psutil.Process, seconds: float) -> Iterator[Memory]:
    """Sample the memory every ``seconds`` in the background, and once at the end."""
    memory, stop = Memory(process, seconds), threading.Event()

    def watch() -> None:
        while not stop.wait(seconds):
            memory.sample()

    thread = threading.Thread(target=watch, daemon=True)
    memory.sample()
    thread.start()
    try:
        yield memory
    finally:
        stop.set()
        thread.join()
        memory.sample()


@contextlib.contextmanager
def harmed(process: psutil.Process, seconds: float) -> Iterator[list[str]]:
    """Every ``seconds``, stop one child of the process and kill another; yields what was done."""
    done: list[str] = []
    end = threading.Event()

    def harm() -> None:
        while not end.wait(seconds):
            children = process.children(recursive=True)
            random.shuffle(children)
            for child, what in zip(children, ("stopped", "killed"), strict=False):
                with contextlib.suppress(psutil.Error):  # it may just have ended
                    name = ".".join(child.cmdline()[2].split(".")[-2:])
                    (child.suspend if what == "stopped" else child.kill)()
                    done.append(f"{name} {what}")

    thread = threading.Thread(target=harm, daemon=True)
    thread.start()
    try:
        yield done
    finally:
        end.set()
        thread.join()
