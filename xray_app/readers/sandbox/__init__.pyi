from .isolated import expand_isolated
from .pool import Pool
from .preload import prime
from .together import groups
from .worker import answer_each, serve

__all__ = [
    "Pool",
    "answer_each",
    "expand_isolated",
    "groups",
    "prime",
    "serve",
]
