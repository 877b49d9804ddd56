"""From the bytes of a file to a Radiograph.

A page reads with ``read_isolated``, changes the window with ``rewindow`` and unpacks with
``expand_isolated``. ``read_radiograph`` and ``expand`` do the same in this process.
"""

from xray_app.readers.archive import expand
from xray_app.readers.options import ReadOptions
from xray_app.readers.reader import Reader
from xray_app.readers.registry import READERS, read_radiograph
from xray_app.readers.sandbox.isolated import (
    expand_isolated,
    read_isolated,
    reference_isolated,
    warm_up,
)
from xray_app.readers.steps.display import rewindow

__all__ = [
    "READERS",
    "ReadOptions",
    "Reader",
    "expand",
    "expand_isolated",
    "read_isolated",
    "read_radiograph",
    "reference_isolated",
    "rewindow",
    "warm_up",
]
