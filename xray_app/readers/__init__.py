"""From the bytes of a file to a Radiograph."""

from xray_app.readers.reader import Reader
from xray_app.readers.registry import READERS, read_radiograph

__all__ = ["READERS", "Reader", "read_radiograph"]
