"""Lookup tables and the linear rescale of DICOM: PS3.3 C.11.1 and C.11.2.1.1.

pydicom's own ``apply_voi`` isn't used: for a table of 8-bit entries under deeper input it wraps
around modulo 256.
"""

from dataclasses import dataclass

import numpy as np

from xray_app.core import AnyArray
from xray_app.readers.steps.voi import by_blocks, working_type


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
    """

    entries: AnyArray
    first: int
    bits: int

    def __call__(self, values: AnyArray) -> AnyArray:
        """Look values up, as float32; those outside the table take its first or last entry."""
        last = len(self.entries) - 1
        entries = self.entries.astype(np.float64)

        def look_up(block: AnyArray) -> AnyArray:
            index = np.clip(np.rint(block) - self.first, 0, last).astype(np.intp)
            found: AnyArray = entries[index]
            return found

        return by_blocks(look_up, values)


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

    Raises:
        ValueError: there are fewer entries than the descriptor says.

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
    order = "<" if little_endian else ">"
    if not isinstance(data, bytes):
        words = np.atleast_1d(np.asarray(data, np.uint16))
        if len(words) >= count:
            return LookupTable(words[:count], first, bits)
        data, order = words.astype("<u2").tobytes(), "<"
    if len(data) >= 2 * count:
        entries = np.frombuffer(data, f"{order}u2", count)
    else:
        entries = np.frombuffer(data, np.uint8, count)
    return LookupTable(entries, first, bits)
