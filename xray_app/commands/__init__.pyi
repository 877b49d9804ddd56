from .registry import COMMANDS

__all__ = [
    "COMMANDS",
]
