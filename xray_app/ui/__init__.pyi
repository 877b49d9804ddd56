from .navigation import ICON, pages

__all__ = [
    "ICON",
    "pages",
]
