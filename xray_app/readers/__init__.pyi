from .archive import expand, is_archive, is_litter, written_name
from .arrays import MAX_VALUES, is_array_file, read_arrays
from .as_stored import read_as_stored
from .image_files import ImageFiles, member_names, open_image_files, read_member
from .limits import MAX_FILE_BYTES, MAX_SECONDS, check_file_size
from .options import ReadOptions, check_window
from .registry import READERS, named, read_radiograph
from .sandbox.isolated import (
    arrays_isolated,
    as_stored_isolated,
    expand_isolated,
    read_isolated,
    reference_isolated,
    uids_isolated,
    warm_up,
)
from .sandbox.together import displays_ahead, radiographs_ahead
from .silence import silenced
from .steps.display import rewindow, through_curve
from .steps.image import RANGE
from .steps.ruined_window import RUINED_ADVICE
from .steps.voi import WindowCurve
from .supported import format_table

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_SECONDS",
    "MAX_VALUES",
    "RANGE",
    "READERS",
    "RUINED_ADVICE",
    "ImageFiles",
    "ReadOptions",
    "WindowCurve",
    "arrays_isolated",
    "as_stored_isolated",
    "check_file_size",
    "check_window",
    "displays_ahead",
    "expand",
    "expand_isolated",
    "format_table",
    "is_archive",
    "is_array_file",
    "is_litter",
    "member_names",
    "named",
    "open_image_files",
    "radiographs_ahead",
    "read_arrays",
    "read_as_stored",
    "read_isolated",
    "read_member",
    "read_radiograph",
    "reference_isolated",
    "rewindow",
    "silenced",
    "through_curve",
    "uids_isolated",
    "warm_up",
    "written_name",
]
