from .child import ChildProcess, ChildStopped, kill_children, own_pipes
from .messages import Pipe, receive, receive_parts, receive_restricted, send

__all__ = [
    "ChildProcess",
    "ChildStopped",
    "Pipe",
    "kill_children",
    "own_pipes",
    "receive",
    "receive_parts",
    "receive_restricted",
    "send",
]
