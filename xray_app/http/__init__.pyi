from .admission import Limits
from .running import listen, serve

__all__ = [
    "Limits",
    "listen",
    "serve",
]
