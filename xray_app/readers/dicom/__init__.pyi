from .decoders import DECODERS
from .file import check_deflated
from .lut import LookupTable, Rescale
from .reference import PATIENT, STUDY, UIDS, is_uid_like

__all__ = [
    "DECODERS",
    "PATIENT",
    "STUDY",
    "UIDS",
    "LookupTable",
    "Rescale",
    "check_deflated",
    "is_uid_like",
]
