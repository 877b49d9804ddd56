"""The decoding process, except that some files do to it what bad files do to decoders."""

import os
import signal
from typing import Any

from xray_app.batch.decoding import _decode
from xray_app.readers.sandbox.worker import serve

CRASH = b"crash the decoder"


def decode(files: list[tuple[bytes, int]], size: tuple[int, int, int]) -> list[tuple[Any, ...]]:
    if any(data == CRASH for data, _ in files):
        os.kill(os.getpid(), signal.SIGSEGV)
    return _decode(files, size)


if __name__ == "__main__":
    serve({"decode": decode})
