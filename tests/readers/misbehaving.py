"""A worker whose tasks do what decoders do at their worst; run by the tests as a module."""

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from xray_app.core.errors import UnsupportedFile
from xray_app.readers.sandbox.worker import serve

SECONDS = 1
_kept = []


def crash():
    os.kill(os.getpid(), signal.SIGSEGV)


def killed():
    os.kill(os.getpid(), signal.SIGKILL)


def stall():
    os.kill(os.getpid(), signal.SIGSTOP)


def hang():
    while True:
        pass


def hog():
    return len([np.empty(2**27) for _ in range(64)])  # 64 times 1 GiB of address space


def chatter():
    print("x" * 100_000)
    os.write(1, b"y" * 100_000)
    print("z" * 100_000, file=sys.stderr)
    return "said"


def refuse():
    raise UnsupportedFile("Expected this, received that. Do so.")


def fail():
    raise KeyError("Doe^Jane")


def leave(path):
    Path(path).write_bytes(b"patient")


def remember(value):
    _kept.append(value)
    return len(_kept)


def smuggle():
    return Path("anything")


def sleep(seconds):
    time.sleep(seconds)
    return os.getpid()


if __name__ == "__main__":
    tasks = (
        crash,
        killed,
        stall,
        hang,
        hog,
        chatter,
        refuse,
        fail,
        leave,
        remember,
        smuggle,
        sleep,
    )
    serve({task.__name__: task for task in tasks}, SECONDS)
