"""Lookup tables and the linear rescale of DICOM: PS3.3 C.11.1 and C.11.2.1.1.

pydicom's own ``apply_voi`` isn't used: for a table of 8-bit entries under deeper input it wraps
around modulo 256.
"""

from dataclasses import dataclass

import numpy as np

from xray_app.core import AnyArray
from xray_app.readers.steps.voi import by_blocks, working_type

_BYTE = 8


@dataclass(frozen=True, slots=True)
class Rescale:
    """Modality value = slope x stored value + intercept: C.11.1.1.2.

    >>> import numpy as np
    >>> Rescale(slope=2.0, intercept=-1000.0)(np.array([0, 500], np.int16))
    array([-1000.,     0.], dtype=float32)
    """

    slope: float
    intercept: float

    def __call__(self, stored: AnyArray) -> AnyArray:
        """Rescale an array of any shape: float32, or float64 under more than 16 bits."""
        slope, intercept = self.slope, self.intercept
        return by_blocks(lambda v: v * slope + intercept, stored, working_type(stored))


@dataclass(frozen=True, slots=True, eq=False)
class LookupTable:
    """A LUT Descriptor and its LUT Data (C.11.1.1, C.11.2.1.1).

    Attributes:
        entries: (n,) unsigned integers; first: the input that the first entry stands for;
        bits: depth of the entries, so that 2**bits - 1 is full scale.
        remark: what had to be mended, for the trail; "" if nothing.
    """

    entries: AnyArray
    first: int
    bits: int
    remark: str = ""

    def __call__(self, values: AnyArray) -> AnyArray:
        """Look values up, as float32; those outside the table take its first or last entry."""
        last = len(self.entries) - 1
        entries = self.entries.astype(np.float64)

        def look_up(block: AnyArray) -> AnyArray:
            index = np.clip(np.rint(block) - self.first, 0, last).astype(np.intp)
            found: AnyArray = entries[index]
            return found

        return by_blocks(look_up, values)


@dataclass(frozen=True, slots=True, eq=False)
class TableCurve:
    """A VOI LUT as values to gray: its own full scale is 1 (C.11.2.1.1).

    >>> import numpy as np
    >>> TableCurve(LookupTable(np.array([0, 255], np.uint8), 0, 8))(np.array([0, 1])).tolist()
    [0.0, 1.0]
    """

    table: LookupTable

    def __call__(self, values: AnyArray) -> AnyArray:
        """Modality values of any shape to float32 in [0, 1]."""
        full = np.float32(2**self.table.bits - 1)
        shown = self.table(values)
        shown = np.clip(shown, np.float32(0.0), full, out=shown)
        return np.divide(shown, full, out=shown)


def lookup_table(
    descriptor: tuple[int, int, int],
    data: object,
    *,
    little_endian: bool,
    signed_input: bool = False,
) -> LookupTable:
    """Make sense of a LUT Descriptor and of LUT Data as they are written in practice.

    The entries come as integers (VR US), or as bytes (VR OW) of one or two bytes an entry; two
    8-bit entries may share a 16-bit word. The descriptor's second value is signed if the table's
    input can be negative, whatever its VR says.

    Args:
        descriptor: number of entries, the input of the first one, and their bits.
        data: the entries, (n,) integers or bytes.
        little_endian: byte order of the entries if they come as bytes.
        signed_input: whether the table's input can be negative.

    Fewer entries than described are filled up with the last one. A table whose entries leave the
    upper half of their depth unused is taken for the depth that they fill: many writers declare 16
    bits for 12, and what such a file shows is black.

    Raises:
        ValueError: there is no entry, or none but zero.

    Three entries, the first of which stands for the input 10:

    >>> import numpy as np
    >>> lut = lookup_table((3, 10, 8), [0, 100, 255], little_endian=True)
    >>> lut(np.array([[9, 10, 11, 99]])).tolist()
    [[0.0, 0.0, 100.0, 255.0]]
    """
    count, first, bits = descriptor
    count = count or 2**16  # C.11.2.1.1: 65536 doesn't fit the 16 bits of the descriptor
    if signed_input and first >= 2**15:
        first -= 2**16
    entries = _entries(data, count, bits, "<" if little_endian else ">")
    remarks = []
    if len(entries) < count:
        remarks.append(f"{count - len(entries)} of {count} entries are missing; the last stands in")
    largest = int(entries.max(initial=0))
    if largest == 0:
        raise ValueError("a table without entries, or of zeros")
    if largest.bit_length() < bits:
        remarks.append(f"{bits} bits declared, {largest.bit_length()} filled, which are taken")
        bits = largest.bit_length()
    return LookupTable(entries, first, bits, "; ".join(remarks))


def _entries(data: object, count: int, bits: int, order: str) -> AnyArray:
    """(n,) unsigned integers, n at most ``count``; inputs past the end take the last entry."""
    if data is None:
        return np.zeros(0, np.uint16)
    if not isinstance(data, bytes):
        words = np.atleast_1d(np.asarray(data, np.uint16))
        if len(words) >= count or bits > _BYTE:
            return words[:count]
        data, order = words.astype("<u2").tobytes(), "<"
    padded = count + count % 2  # a value has an even number of bytes: PS3.5 7.1.1
    are_bytes = len(data) in (count, padded) or (bits <= _BYTE and len(data) < 2 * count)
    if are_bytes:
        return np.frombuffer(data, np.uint8, min(count, len(data)))
    return np.frombuffer(data, f"{order}u2", min(count, len(data) // 2))
