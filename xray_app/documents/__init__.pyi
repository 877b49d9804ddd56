from .content import Report, Setting
from .making import make_report

__all__ = [
    "Report",
    "Setting",
    "make_report",
]
