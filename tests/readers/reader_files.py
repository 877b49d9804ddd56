"""Small files for the reader tests, written without the libraries that read them if possible."""

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import tifffile
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

DX = "1.2.840.10008.5.1.4.1.1.1.1"
GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6  # PNG colour types
_PNG_TYPES = {1: GRAY, 2: GRAY_ALPHA, 3: RGB, 4: RGBA}


def png_chunk(kind, body):
    crc = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)


def raw_png(columns, rows, depth, colour_type, scanlines, *, extra=b""):
    """A PNG of the given scanlines; ``extra`` chunks go between header and pixels."""
    header = struct.pack(">IIBBBBB", columns, rows, depth, colour_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + extra
        + png_chunk(b"IDAT", zlib.compress(scanlines))
        + png_chunk(b"IEND", b"")
    )


def png(array, extra=b""):
    """A PNG of (H, W) or (H, W, C) uint8 or uint16."""
    samples = array[..., None] if array.ndim == 2 else array
    rows, columns, channels = samples.shape
    big_endian = samples.astype(samples.dtype.newbyteorder(">"))
    scanlines = b"".join(b"\0" + row.tobytes() for row in big_endian)
    depth = array.dtype.itemsize * 8
    return raw_png(columns, rows, depth, _PNG_TYPES[channels], scanlines, extra=extra)


def pillow(array: np.ndarray, pillow_format: str, **options: Any) -> bytes:
    out = BytesIO()
    Image.fromarray(array).save(out, pillow_format, **options)
    return out.getvalue()


def tiff(array: np.ndarray, **options: Any) -> bytes:
    out = BytesIO()
    tifffile.imwrite(out, array, **options)
    return out.getvalue()


def npy(array: np.ndarray) -> bytes:
    out = BytesIO()
    np.save(out, array)
    return out.getvalue()


def jpeg2000_of(rows: int, columns: int) -> bytes:
    """A JPEG 2000 codestream that claims a size and holds no pixels."""
    size = struct.pack(">HIIIIIIIIHBBB", 0, columns, rows, 0, 0, columns, rows, 0, 0, 1, 7, 1, 1)
    return b"\xff\x4f\xff\x51" + (len(size) + 2).to_bytes(2) + size + b"\xff\xd9"


def exif_block(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def dicom(
    array,
    *,
    syntax=ExplicitVRLittleEndian,
    bits=None,
    drop=(),
    encapsulated=None,
    add=None,
    **tags,
):
    """A digital radiograph of stored values (H, W), (N, H, W) or (H, W, 3), and ``tags``."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.SOPClassUID = DX
    dataset.SOPInstanceUID = generate_uid(entropy_srcs=["reader tests"])
    dataset.PatientName = "Doe^Jane"
    dataset.PatientID = "SECRET-4711"
    dataset.InstitutionName = "General Hospital"
    dataset.Modality = "DX"
    colour = array.ndim == 3 and array.shape[-1] == 3
    dataset.Rows, dataset.Columns = array.shape[:2] if colour else array.shape[-2:]
    if array.ndim == 3 and not colour:
        dataset.NumberOfFrames = len(array)
    dataset.SamplesPerPixel = 3 if colour else 1
    if colour:
        dataset.PlanarConfiguration = 0
    dataset.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if array.dtype.kind == "f":
        dataset.BitsAllocated = array.dtype.itemsize * 8
        keyword = "FloatPixelData" if array.dtype.itemsize == 4 else "DoubleFloatPixelData"
        setattr(dataset, keyword, array.tobytes())
    else:
        dataset.BitsAllocated = array.dtype.itemsize * 8
        dataset.BitsStored = bits or dataset.BitsAllocated
        dataset.HighBit = dataset.BitsStored - 1
        dataset.PixelRepresentation = int(array.dtype.kind == "i")
        data = array.tobytes() if encapsulated is None else encapsulated
        dataset.PixelData = data + b"\0" * (len(data) % 2)
        dataset["PixelData"].VR = "OB" if array.dtype.itemsize == 1 else "OW"
    if encapsulated is not None:
        dataset["PixelData"].VR = "OB"
        dataset["PixelData"].is_undefined_length = True
    for keyword, value in tags.items():
        setattr(dataset, keyword, value)
    for tag, (vr, value) in (add or {}).items():
        dataset.add_new(tag, vr, value)
    for keyword in drop:
        delattr(dataset, keyword)
    return saved(dataset)


def saved(dataset):
    out = BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def step_names(radiograph):
    return [step.name for step in radiograph.steps]


def lut_item(entries, first, bits, *, vr="US"):
    """An item of a Modality LUT Sequence or a VOI LUT Sequence."""
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [len(entries) % 65536, first, bits])
    if vr == "US":
        item.add_new("LUTData", "US", [int(e) for e in entries])
    else:
        dtype = np.uint8 if bits == 8 else "<u2"
        data = np.asarray(entries).astype(dtype).tobytes()
        item.add_new("LUTData", "OW", data)
    item.ModalityLUTType = "US"
    return item


RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)
DEEP = (np.arange(24, dtype=np.uint16) * 2849).reshape(4, 6)  # 0 to 65527, no symmetry
TWELVE = DEEP >> 4  # 0 to 4095 in a 16-bit container
