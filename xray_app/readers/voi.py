"""Windows and lookup tables of DICOM, in floating point.

DICOM PS3.3 C.11.1 (modality LUT), C.11.2 (VOI LUT and windows). pydicom's own ``apply_voi`` isn't
used: for a table of 8-bit entries under deeper input it wraps around modulo 256.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xray_app.core.records import AnyArray

Values = NDArray[np.float64]


def linear(values: Values, center: float, width: float, white: float) -> Values:
    """C.11.2.1.2.1: the window of ``width`` levels, a pixel's level being one wide; width >= 1.

    Like all windows here it maps modality values of any shape to [0, ``white``].
    """
    if width == 1.0:
        return np.where(values <= center - 0.5, 0.0, white)
    scaled = ((values - (center - 0.5)) / (width - 1.0) + 0.5) * white
    return np.clip(scaled, 0.0, white, out=scaled)


def linear_exact(values: Values, center: float, width: float, white: float) -> Values:
    """C.11.2.1.3.2: exactly [center - width / 2, center + width / 2]; width > 0."""
    scaled = ((values - center) / width + 0.5) * white
    return np.clip(scaled, 0.0, white, out=scaled)


def sigmoid(values: Values, center: float, width: float, white: float) -> Values:
    """C.11.2.1.3.1: white / (1 + exp(-4 (x - center) / width)); width > 0."""
    exponent = np.clip(-4.0 * (values - center) / width, -700.0, 700.0)  # exp(710) overflows
    shown: Values = white / (1.0 + np.exp(exponent))
    return shown


@dataclass(frozen=True, slots=True)
class WindowFunction:
    """A VOI LUT Function and the narrowest window that it is defined for."""

    apply: Callable[[Values, float, float, float], Values]
    is_valid: Callable[[float], bool]


WINDOWS: dict[str, WindowFunction] = {
    "LINEAR": WindowFunction(linear, lambda width: width >= 1.0),
    "LINEAR_EXACT": WindowFunction(linear_exact, lambda width: width > 0.0),
    "SIGMOID": WindowFunction(sigmoid, lambda width: width > 0.0),
}


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

    def apply(self, values: AnyArray) -> Values:
        """Look values up; those outside the table take its first or last entry."""
        last = len(self.entries) - 1
        index = np.clip(np.rint(values) - self.first, 0, last).astype(np.intp)
        looked_up: Values = self.entries.astype(np.float64)[index]
        return looked_up


def lookup_table(
    descriptor: tuple[int, int, int], data: object, *, little_endian: bool
) -> LookupTable:
    """Make sense of a LUT Descriptor and of LUT Data as they are written in practice.

    The entries come as integers (VR US), or as bytes (VR OW) of one or two bytes an entry; two
    8-bit entries may share a 16-bit word.

    Raises:
        ValueError: there are fewer entries than the descriptor says.
    """
    count, first, bits = descriptor
    count = count or 2**16  # C.11.2.1.1: 65536 doesn't fit the 16 bits of the descriptor
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
