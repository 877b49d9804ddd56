from .decoders import DECODERS
from .file import check_deflated
from .lut import LookupTable, Rescale
from .reference import PATIENT, STUDY, UIDS

__all__ = [
    "DECODERS",
    "PATIENT",
    "STUDY",
    "UIDS",
    "LookupTable",
    "Rescale",
    "check_deflated",
]
