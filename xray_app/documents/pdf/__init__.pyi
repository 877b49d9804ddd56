from .page import report_to_pdf

__all__ = [
    "report_to_pdf",
]
