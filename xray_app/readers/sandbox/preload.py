"""Loading the decoders before they are needed: most load a part of themselves at first use."""

import contextlib
import importlib
from io import BytesIO

import numpy as np

from xray_app.core import InputError
from xray_app.readers.registry import read_radiograph

_MODULES = (
    *("gdcm", "openjpeg", "jpeg_ls", "pydicom.pixels.processing", "pydicom.pixels.utils"),
    *("imagecodecs._jpeg8", "imagecodecs._imcd", "imagecodecs._deflate", "imagecodecs._zlib"),
    *("PIL.BmpImagePlugin", "PIL.GifImagePlugin", "xray_app.core.images.resampling"),
)


def prime() -> None:
    """Import every decoder that is installed, and use those that are used most."""
    for name in _MODULES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for kind in ("PNG", "JPEG", "TIFF", "WEBP"):
        with contextlib.suppress(ImportError, OSError, InputError):
            read_radiograph(_tiny(kind))
    with contextlib.suppress(ImportError, InputError):
        read_radiograph(_tiny_dicom())


def _tiny(kind: str) -> bytes:
    from PIL import Image

    out = BytesIO()
    Image.new("L", (8, 8), 128).save(out, kind, lossless=True)
    return out.getvalue()


def _tiny_dicom() -> bytes:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = SecondaryCaptureImageStorage
    dataset.SOPInstanceUID = generate_uid()
    dataset.Rows = dataset.Columns = 8
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 0
    dataset.PixelData = np.arange(64, dtype=np.uint16).tobytes()
    dataset["PixelData"].VR = "OW"
    out = BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()
