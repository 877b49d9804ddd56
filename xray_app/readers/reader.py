"""The contract that every file format fulfils."""

from collections.abc import Callable
from dataclasses import dataclass

from xray_app.readers.options import ReadOptions
from xray_app.readers.steps.image import StoredImage


@dataclass(frozen=True, slots=True)
class Reader:
    """One file format.

    Attributes:
        name: key in the registry; label: the format's name for people.
        extensions: usual file-name endings with the dot, for an uploader; never used to sniff.
        sniff: whether the first bytes are this format's.
        read: the image in a whole file that ``sniff`` recognised; of the options it needs the
            frame alone. It checks the limits on what the header claims before it decodes, and may
            raise anything on damaged bytes: the registry turns that into an ``UnreadableFile``.
    """

    name: str
    label: str
    extensions: tuple[str, ...]
    sniff: Callable[[bytes], bool]
    read: Callable[[bytes, ReadOptions], StoredImage]
