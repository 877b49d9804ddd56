from .archive import check_entry, expand, is_archive, is_shown
from .limits import MAX_FILE_BYTES, MAX_SECONDS, check_file_size
from .options import ReadOptions
from .registry import READERS, read_radiograph
from .sandbox.isolated import expand_isolated, read_isolated, reference_isolated, warm_up
from .steps.display import rewindow
from .supported import format_table

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_SECONDS",
    "READERS",
    "ReadOptions",
    "check_entry",
    "check_file_size",
    "expand",
    "expand_isolated",
    "format_table",
    "is_archive",
    "is_shown",
    "read_isolated",
    "read_radiograph",
    "reference_isolated",
    "rewindow",
    "warm_up",
]
