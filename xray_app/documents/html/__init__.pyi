from .page import report_to_html

__all__ = [
    "report_to_html",
]
