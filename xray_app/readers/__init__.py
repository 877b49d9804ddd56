"""From the bytes of a file to a Radiograph.

A page reads with ``read_isolated``, changes the window with ``rewindow`` and unpacks with
``expand_isolated``. ``read_radiograph`` and ``expand`` do the same in this process. A command finds
files with ``open_image_files`` and reads them with ``radiographs_ahead`` or ``displays_ahead``.
"""

from xray_app.readers.archive import expand
from xray_app.readers.display import rewindow
from xray_app.readers.image_files import ImageFiles, open_image_files
from xray_app.readers.isolated import (
    expand_isolated,
    read_isolated,
    reference_isolated,
    warm_up,
)
from xray_app.readers.options import ReadOptions
from xray_app.readers.reader import Reader
from xray_app.readers.registry import READERS, read_radiograph
from xray_app.readers.together import displays_ahead, radiographs_ahead

__all__ = [
    "READERS",
    "ImageFiles",
    "ReadOptions",
    "Reader",
    "displays_ahead",
    "expand",
    "expand_isolated",
    "open_image_files",
    "radiographs_ahead",
    "read_isolated",
    "read_radiograph",
    "reference_isolated",
    "rewindow",
    "warm_up",
]
