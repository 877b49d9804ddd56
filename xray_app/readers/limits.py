"""The limits that a file is held to before anything is decoded."""

from xray_app.core import FileTooLarge, UnreadableFile

MAX_FILE_BYTES = 200_000_000
MAX_PIXELS = 64_000_000
MAX_ASPECT = 256  # times as long as wide: to fit a longer strip into a square takes gigabytes
MAX_PAGES = 10_000
MAX_SECONDS = 20
MAX_ADDRESS_SPACE = 4 * 2**30  # bytes, of the process that decodes one file

# of a .zip: its files together may be as large as one file alone
MAX_ENTRIES = 500
MAX_DIRECTORY_BYTES = 1_000_000


def check_file_size(size: int) -> None:
    """Check the length of a file in bytes.

    Raises:
        UnreadableFile: it is empty.
        FileTooLarge: it is over ``MAX_FILE_BYTES``.

    >>> try:
    ...     check_file_size(0)
    ... except UnreadableFile as error:
    ...     print(error)
    Expected an image, received an empty file. Export it again.
    """
    if size == 0:
        raise UnreadableFile("Expected an image, received an empty file. Export it again.")
    if size > MAX_FILE_BYTES:
        raise FileTooLarge(
            f"Expected at most {MAX_FILE_BYTES // 1_000_000} MB, received {size / 1e6:.0f} MB. "
            "Export one image, or compress it without loss."
        )


def check_dimensions(rows: int, columns: int) -> None:
    """Check the size in pixels that a header claims; only one image of a file is ever decoded.

    Raises:
        UnreadableFile: there is not one pixel.
        FileTooLarge: there are more than ``MAX_PIXELS``, or one side is over ``MAX_ASPECT`` times
            as long as the other.

    >>> try:
    ...     check_dimensions(rows=0, columns=2000)
    ... except UnreadableFile as error:
    ...     print(error)
    Expected at least one pixel, received an image of 2000 x 0. Export it again.
    """
    if rows < 1 or columns < 1:
        raise UnreadableFile(
            f"Expected at least one pixel, received an image of {columns} x {rows}. "
            "Export it again."
        )
    if rows * columns > MAX_PIXELS:
        raise FileTooLarge(
            f"Expected at most {MAX_PIXELS // 1_000_000} million pixels, received an image of "
            f"{columns} x {rows}. Reduce it or crop it first."
        )
    if max(rows, columns) > MAX_ASPECT * min(rows, columns):
        raise FileTooLarge(
            f"Expected a longer side of at most {MAX_ASPECT} times the shorter, received an image "
            f"of {columns} x {rows}. Crop it first."
        )
