from .sidebar import choose

__all__ = [
    "choose",
]
