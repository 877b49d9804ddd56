from .decoders import DECODERS
from .file import check_deflated
from .lut import LookupTable, Rescale
from .reference import PATIENT, STUDY, UIDS, is_uid_like
from .shutter import EDGES, MOST_GRAY, Shutter

__all__ = [
    "DECODERS",
    "EDGES",
    "MOST_GRAY",
    "PATIENT",
    "STUDY",
    "UIDS",
    "LookupTable",
    "Rescale",
    "Shutter",
    "check_deflated",
    "is_uid_like",
]
