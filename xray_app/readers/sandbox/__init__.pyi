from .isolated import expand_isolated
from .pool import Pool
from .preload import prime
from .worker import serve

__all__ = [
    "Pool",
    "expand_isolated",
    "prime",
    "serve",
]
