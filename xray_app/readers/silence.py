"""Silence around what reads and writes files: what it logs or warns of may quote a patient's."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_LOGGERS = ("PIL", "highdicom", "jpeg_ls", "openjpeg", "pydicom", "pylibjpeg", "tifffile")
# Warning filters and log levels are the process's, so two threads must not save and restore them
# at once. It also means that one image is decoded at a time, which bounds the memory.
_ONE_AT_A_TIME = Lock()


@contextmanager
def silenced() -> Iterator[None]:
    """Mute warnings and the loggers of what reads and writes files; one thread at a time.

    Not to be entered again inside.

    >>> with silenced():
    ...     warnings.warn("a decoder quotes the file")
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loggers = [logging.getLogger(name) for name in _LOGGERS]
        levels = [logger.level for logger in loggers]
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
