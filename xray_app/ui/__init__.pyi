from .navigation import pages

__all__ = [
    "pages",
]
