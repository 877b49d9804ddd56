from .contours import Contour, contours_of
from .fields import FIELDS, FieldEvidence, LungEvidence, evidence_in
from .lungs import Lungs, LungsFound, draw_lungs, lungs_from

__all__ = [
    "FIELDS",
    "Contour",
    "FieldEvidence",
    "LungEvidence",
    "Lungs",
    "LungsFound",
    "contours_of",
    "draw_lungs",
    "evidence_in",
    "lungs_from",
]
