"""The one EXIF tag that matters here."""

from struct import error as StructError  # noqa: N812 - struct's own exception has a lower-case name

_ORIENTATION = 0x0112


def orientation(exif: bytes | None) -> object:
    """Return the Orientation tag of an EXIF block; None if there is none or it is damaged.

    A damaged block says nothing about the pixels, which may well be whole.

    >>> from PIL.Image import Exif
    >>> exif = Exif()
    >>> exif[0x0112] = 6
    >>> orientation(exif.tobytes()), orientation(b"damaged")
    (6, None)
    """
    from PIL.Image import Exif

    if not exif:
        return None
    tags = Exif()
    try:
        tags.load(exif)
        return tags.get(_ORIENTATION)
    except (SyntaxError, ValueError, KeyError, TypeError, StructError, OSError):
        return None
