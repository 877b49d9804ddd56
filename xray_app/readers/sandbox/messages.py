"""What the decoding process may say, and why it ended without an answer."""

import io
import pickle
from typing import Any

from xray_app.core.processes import Pipe, receive_parts

READY = ("ready",)  # the first message of a process that answers
# The status of one that ended without an answer: over its time, killed from outside, crashed.
EXIT_TIMED_OUT, EXIT_KILLED, EXIT_STOPPED = 3, 5, 4

_MAX_BYTES = 2**31
# Whatever a damaged file made the decoding process say, these are all that its answer can name.
_ALLOWED = {
    ("numpy", "dtype"),
    ("numpy._core.numeric", "_frombuffer"),
    ("xray_app.core.records", "ProvenanceStep"),
    ("xray_app.core.records", "WindowControls"),
    ("xray_app.core.records", "WindowOffer"),
    ("xray_app.core.records", "_unpickled"),
    ("xray_app.readers.dicom.lut", "LookupTable"),
    ("xray_app.readers.dicom.lut", "Rescale"),
    ("xray_app.readers.dicom.shutter", "Shutter"),
}


def receive_restricted(pipe: Pipe) -> Any:
    """Read one message that may name nothing but a radiograph's own parts.

    Raises:
        EOFError: the other end was closed.
        pickle.UnpicklingError: it names something else, is no message, or is over 2 GiB.

    >>> from xray_app.core.processes import send
    >>> pipe = io.BytesIO()
    >>> send(pipe, print)
    >>> receive_restricted(io.BytesIO(pipe.getvalue()))
    Traceback (most recent call last):
    _pickle.UnpicklingError: an answer names builtins.print
    """
    body, *buffers = receive_parts(pipe, most=_MAX_BYTES)
    return _Restricted(io.BytesIO(body), buffers=buffers).load()


class _Restricted(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"an answer names {module}.{name}")
        return super().find_class(module, name)
