from .cached_work import waiting_place
from .headers import SecurityHeaders
from .resources import warm_readers
from .server import lifespan
from .uploads import UploadsInMemory

__all__ = [
    "SecurityHeaders",
    "UploadsInMemory",
    "lifespan",
    "waiting_place",
    "warm_readers",
]
