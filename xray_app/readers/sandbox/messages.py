"""What the decoding process may say, and why it ended without an answer."""

from typing import Any

from xray_app.core.processes import Pipe, receive_restricted

READY = ("ready",)  # the first message of a process that answers
# The status of one that ended without an answer: over its time, killed from outside, crashed.
EXIT_TIMED_OUT, EXIT_KILLED, EXIT_STOPPED = 3, 5, 4

_MAX_BYTES = 2**31
# Whatever a damaged file made the decoding process say, these are all that its answer can name.
_ALLOWED = {
    ("xray_app.core.records.radiograph", "ProvenanceStep"),
    ("xray_app.core.records.radiograph", "Spacing"),
    ("xray_app.core.records.radiograph", "WindowControls"),
    ("xray_app.core.records.radiograph", "WindowOffer"),
    ("xray_app.core.records.radiograph", "_unpickled"),
    ("xray_app.readers.dicom.lut", "LookupTable"),
    ("xray_app.readers.dicom.lut", "Rescale"),
    ("xray_app.readers.dicom.lut", "TableCurve"),
    ("xray_app.readers.steps.voi", "WindowCurve"),
    ("xray_app.readers.dicom.shutter", "Shutter"),
}


def receive_radiograph(pipe: Pipe) -> Any:
    """Read one message that may name nothing but a radiograph's own parts.

    Raises:
        EOFError: the other end was closed.
        pickle.UnpicklingError: it names something else, is no message, or is over 2 GiB.

    >>> import io
    >>> from xray_app.core.processes import send
    >>> pipe = io.BytesIO()
    >>> send(pipe, READY)
    >>> receive_radiograph(io.BytesIO(pipe.getvalue()))
    ('ready',)
    """
    return receive_restricted(pipe, _MAX_BYTES, _ALLOWED)
