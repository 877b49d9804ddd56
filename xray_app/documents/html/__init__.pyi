from .markup import Markup, element, joined, table
from .page import report_to_html

__all__ = [
    "Markup",
    "element",
    "joined",
    "report_to_html",
    "table",
]
