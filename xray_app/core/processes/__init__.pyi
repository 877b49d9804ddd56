from .child import ChildProcess, ChildStopped, own_pipes
from .messages import Pipe, receive, receive_parts, send

__all__ = [
    "ChildProcess",
    "ChildStopped",
    "Pipe",
    "own_pipes",
    "receive",
    "receive_parts",
    "send",
]
