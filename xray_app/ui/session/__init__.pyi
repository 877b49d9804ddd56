from .cached_work import waiting_place
from .resources import settle, warm_readers
from .uploads import keep_uploads_in_memory

__all__ = [
    "keep_uploads_in_memory",
    "settle",
    "waiting_place",
    "warm_readers",
]
