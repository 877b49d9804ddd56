"""Does another version of the same image get another class?"""

import io
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from xray_app.cards import ModelCard, Repetition, trained_scheme
from xray_app.core import FloatArray, Interval, Progress, Radiograph, Reporter, Values, silent
from xray_app.core.images import encode_jpeg, encode_png, moved
from xray_app.diagnosis import calibrate_logits
from xray_app.engines import Engine
from xray_app.evaluation.scoring import logits_of
from xray_app.readers import read_radiograph

Radiographs = Callable[[], Iterable[Radiograph]]


def repeatability(
    engine: Engine,
    card: ModelCard,
    radiographs: Radiographs,
    data: str,
    progress: Reporter = silent,
) -> tuple[Repetition, ...]:
    """Change every radiograph in each of the ways of ``CHANGES`` and count the other classes.

    Args:
        engine: any engine.
        card: its card, with the calibration that counts.
        radiographs: gives the images anew at each call, so that not all need to be held.
        data: which images they are, for the record.
        progress: is told which change is being measured.
    """
    plain = [_fitted(card, radiograph.display) for radiograph in radiographs()]
    scheme = trained_scheme(card)
    logits = logits_of(engine, plain, scheme)
    found = []
    for done, (name, change) in enumerate(CHANGES.items(), start=1):
        changed = [change(card, radiograph) for radiograph in radiographs()]
        different = [i for i, image in enumerate(changed) if not np.array_equal(image, plain[i])]
        versions = logits.copy()
        if different:  # the same pixels would only give the same logits again
            versions[different] = logits_of(engine, [changed[i] for i in different], scheme)
        found.append(_compared(card, name, data, logits, versions))
        progress(Progress(done, len(CHANGES), unit="changes", stage=data))
    return tuple(found)


def exact_interval(count: int, total: int) -> Interval:
    """A fraction with its exact 95 % interval (Clopper and Pearson 1934)."""
    from scipy.stats import binomtest

    ends = binomtest(count, total).proportion_ci(0.95, method="exact")
    return Interval(round(count / total, 4), round(float(ends.low), 4), round(float(ends.high), 4))


def encode_dicom(gray: NDArray[np.uint8], *, with_window: bool = True) -> bytes:
    """A Secondary Capture (PS3.3 A.8.1) of 8-bit gray values that names nobody.

    The window, if there is one, shows 0 as black and 255 as white (PS3.3 C.11.2.1.2).
    """
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    content = Dataset()
    content.file_meta = meta
    content.SOPClassUID = SecondaryCaptureImageStorage
    content.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    content.Modality = "OT"
    content.PhotometricInterpretation = "MONOCHROME2"
    content.SamplesPerPixel = 1
    content.Rows, content.Columns = gray.shape
    content.BitsAllocated = content.BitsStored = 8
    content.HighBit = 7
    content.PixelRepresentation = 0
    if with_window:
        content.WindowCenter, content.WindowWidth = 128, 256
    content.PixelData = gray.tobytes() + b"\0" * (gray.size % 2)
    content["PixelData"].VR = "OB"
    buffer = io.BytesIO()
    content.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def _fitted(card: ModelCard, display: FloatArray) -> FloatArray:
    return np.clip(card.input.geometry.of(display), 0.0, 1.0)


def _as_bytes(display: FloatArray) -> NDArray[np.uint8]:
    return np.asarray(np.rint(display * 255.0), np.uint8)


def _stored(encode: Callable[[NDArray[np.uint8]], bytes]) -> "Change":
    return lambda card, radiograph: _fitted(
        card, read_radiograph(encode(_as_bytes(radiograph.display))).display
    )


def _shift(down: int, right: int) -> "Change":
    return lambda card, radiograph: moved(_fitted(card, radiograph.display), down, right)


def _stored_small(encode: Callable[[NDArray[np.uint8]], bytes]) -> "Change":
    def change(card: ModelCard, radiograph: Radiograph) -> FloatArray:
        small = _fitted(card, radiograph.display)
        return read_radiograph(encode(_as_bytes(small))).display

    return change


# Gives an image at the model's size. Only what is changed in front of it is fitted: a second time
# would zoom in where fitting crops.
Change = Callable[[ModelCard, Radiograph], FloatArray]
CHANGES: dict[str, Change] = {
    "stored as PNG": _stored(encode_png),
    "stored as DICOM": _stored(encode_dicom),
    "stored as DICOM without a window": _stored(lambda gray: encode_dicom(gray, with_window=False)),
    "stored as JPEG, quality 95": _stored(lambda gray: encode_jpeg(gray, 95)),
    "stored as JPEG, quality 85": _stored(lambda gray: encode_jpeg(gray, 85)),
    "stored as JPEG, quality 75": _stored(lambda gray: encode_jpeg(gray, 75)),
    "reduced to the model's size, then stored as PNG": _stored_small(encode_png),
    "reduced to the model's size, then stored as JPEG, quality 75": _stored_small(
        lambda gray: encode_jpeg(gray, 75)
    ),
    "moved 2 pixels right": _shift(0, 2),
    "moved 2 pixels down": _shift(2, 0),
    "moved 4 pixels left": _shift(0, -4),
    "moved 4 pixels up": _shift(-4, 0),
}


def _compared(
    card: ModelCard, name: str, data: str, logits: Values, versions: Values
) -> Repetition:
    before, after = calibrate_logits(card, logits), calibrate_logits(card, versions)
    classes, rows = before.argmax(axis=1), np.arange(len(before))
    flips = int((after.argmax(axis=1) != classes).sum())
    change = np.abs(after[rows, classes] - before[rows, classes]).max()
    return Repetition(
        change=name,
        data=data,
        images=len(before),
        flips=flips,
        rate=exact_interval(flips, len(before)),
        largest_change=round(float(change), 4),
    )
