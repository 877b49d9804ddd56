"""From coded samples to stored values: which of a sample's bits are the image (PS3.5 8.1.1).

Bits Stored end at High Bit. Uncompressed and RLE frames hold all allocated bits; the other
codestreams state a precision of their own, which may be more than Bits Stored.
"""

from typing import TYPE_CHECKING

import numpy as np

from xray_app.core import AnyArray, UnreadableFile
from xray_app.readers.formats.codestream import claim

if TYPE_CHECKING:
    from pydicom import Dataset

OVERLAY_BIT_POSITIONS = tuple(range(0x60000102, 0x60200102, 0x20000))  # PS3.3 C.9.2
# JPEG Baseline and Extended, JPEG-LS Near-Lossless, JPEG 2000 and High-Throughput JPEG 2000
_LOSSY = tuple(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 81, 91, 203))
_OVERSHOOT = 8  # a lossy process may pass the end of the scale by 1/8 of it


def coded_bits(dataset: "Dataset", codestream: bytes) -> int:
    """Return how many low bits of a decoded sample may hold the image; 0 for float pixel data.

    Args:
        dataset: with a transfer syntax.
        codestream: the compressed frame; empty if it isn't compressed.

    >>> from pydicom import examples
    >>> coded_bits(examples.ct, b"")
    16
    """
    stored = dataset.get("BitsStored")
    if not isinstance(stored, int):
        return 0
    found = claim(codestream) if codestream and not _is_rle(dataset) else None
    if found is not None:
        return max(found.bits, stored)
    return _end(dataset, stored, int(dataset.BitsAllocated))


def stored_values(samples: AnyArray, dataset: "Dataset", coded: int) -> AnyArray:
    """Return the values in Bits Stored of samples that were decoded at ``coded`` bits.

    Args:
        samples: of any shape; signed if Pixel Representation is 1.
        dataset: with Bits Stored, High Bit, and the position of overlays.
        coded: as ``coded_bits`` gives it.

    Returns:
        The same shape and type.

    Raises:
        UnreadableFile: values are too large for Bits Stored, and no overlay is why.

    >>> from pydicom import examples
    >>> stored_values(np.array([[7]], np.int16), examples.ct, coded=16).tolist()
    [[7]]
    """
    stored = dataset.get("BitsStored")
    if not isinstance(stored, int) or coded <= stored or samples.dtype.kind not in "iu":
        return samples
    end = _end(dataset, stored, coded)
    if end < coded:
        samples = _without_high_bits(samples, dataset, end)
    return samples >> (end - stored)


def signed(samples: AnyArray, bits: int) -> AnyArray:
    """Take unsigned samples of up to 16 bits for two's complement in ``bits``: PS3.5 8.1.1.

    >>> signed(np.array([[4095, 1]], np.uint16), bits=12).tolist()
    [[-1, 1]]
    """
    spare = 16 - bits
    return (samples.astype(np.uint16) << spare).view(np.int16) >> spare


def _is_rle(dataset: "Dataset") -> bool:
    from pydicom.uid import RLELossless

    return bool(dataset.file_meta.TransferSyntaxUID == RLELossless)


def _end(dataset: "Dataset", stored: int, most: int) -> int:
    """One above High Bit where that can be, else Bits Stored."""
    high = dataset.get("HighBit")
    return high + 1 if isinstance(high, int) and stored <= high + 1 <= most else stored


def _without_high_bits(samples: AnyArray, dataset: "Dataset", bits: int) -> AnyArray:
    """Drop what lies above the image: zeros, copies of the sign, overlays; nothing else."""
    low, high = int(samples.min()), int(samples.max())
    is_signed = samples.dtype.kind == "i"
    floor = -(2 ** (bits - 1)) if is_signed else 0
    # without a negative value the sign's bit may not have been copied upwards
    top = 2 ** (bits - 1) - 1 if low < 0 else 2**bits - 1
    if low < floor or high > top:
        slack = 2**bits // _OVERSHOOT
        is_lossy = dataset.file_meta.TransferSyntaxUID in _LOSSY
        if is_lossy and floor - slack <= low and high <= top + slack:
            return np.clip(samples, floor, top)
        if not any(dataset.get(tag) for tag in OVERLAY_BIT_POSITIONS):
            raise UnreadableFile(
                f"Expected compressed pixels of {bits} bits as the header says, received values "
                f"from {low} to {high}. Export the file again."
            )
    spare = samples.dtype.itemsize * 8 - bits
    return (samples << spare) >> spare
