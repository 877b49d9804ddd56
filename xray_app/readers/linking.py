"""Reading apart what links another DICOM object to a file; see ``dicom_reference``."""

from typing import Any

from xray_app.readers.isolated import shared_pool
from xray_app.readers.limits import check_file_size


def reference_isolated(data: bytes, table_index: int = 0) -> dict[str, Any]:
    """Read what a reference needs as ``dicom_reference.reference`` does, in another process.

    Raises:
        UnsupportedFile: there is nothing to refer to.
        UnreadableFile, FileTooLarge: as ``read_isolated``.
    """
    check_file_size(len(data))
    found: dict[str, Any] = shared_pool().ask("reference", data, table_index)
    return found
