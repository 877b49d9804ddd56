from .cached_work import waiting_place
from .headers import SecurityHeaders
from .resources import warm_readers
from .server import lifespan
from .uploads import UploadsInMemory, refused_upload

__all__ = [
    "SecurityHeaders",
    "UploadsInMemory",
    "lifespan",
    "refused_upload",
    "waiting_place",
    "warm_readers",
]
