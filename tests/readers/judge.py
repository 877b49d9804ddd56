"""Read one file and judge what came of it; run as a module it answers for the robustness suite.

Verdicts: "image" (agrees with another reader), "alone" (an image that no other reader reads),
"disputed" (damaged pixels, which two decoders fill up differently), "sentence" (one clear error),
or what is wrong with it.
"""

import io
import logging
import warnings

import numpy as np

from xray_app.core.errors import InputError
from xray_app.core.records import Radiograph
from xray_app.readers import read_radiograph
from xray_app.readers.sandbox.worker import serve

_LONGEST_SENTENCE = 400


def judge(data: bytes, is_whole: bool) -> tuple[str, str]:
    """The verdict and, for people, why."""
    try:
        radiograph = read_radiograph(data)
    except InputError as error:
        return _judge_sentence(str(error), data if is_whole else b"")
    except BaseException as error:  # noqa: BLE001 - this is what is looked for
        return "traceback", f"{type(error).__name__}: {error}"
    wrong = _inconsistency(radiograph)
    if wrong:
        return "wrong", wrong
    logging.disable()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if radiograph.file_format != "DICOM":
            return _compare(radiograph.stored, _pillow(data))
        verdict = _compare_dicom(radiograph, data, _pydicom(data))
        if verdict[0] == "differs" and not is_whole:
            decoder = radiograph.steps[0].detail.rsplit(" ", 1)[-1]
            again = _compare_dicom(radiograph, data, _pydicom(data, decoder))
            return ("disputed", verdict[1]) if again[0] == "image" else verdict
        return verdict


def read_only(data: bytes) -> tuple[str, str]:
    """Read without a comparison, to tell who crashed."""
    try:
        read_radiograph(data)
    except InputError as error:
        return _judge_sentence(str(error), b"")
    return "alone", "the other reader crashed"


def _judge_sentence(sentence: str, whole: bytes) -> tuple[str, str]:
    clear = (
        sentence.endswith(".")
        and len(sentence) <= _LONGEST_SENTENCE
        and sentence.isprintable()
        and sentence.startswith(("Expected", "Decoding"))
    )
    if clear and whole and (_pydicom(whole) is not None or _pillow(whole) is not None):
        return "refused", sentence
    return ("sentence" if clear else "unclear"), sentence


def _inconsistency(radiograph: Radiograph) -> str:
    pixels = radiograph.pixels
    if not np.isfinite(pixels).all() or pixels.min() < 0 or pixels.max() > radiograph.white:
        return f"values {pixels.min()} to {pixels.max()} outside 0 to {radiograph.white}"
    uniform = pixels.min() == pixels.max()
    if uniform and not any("same value" in notice for notice in radiograph.notices):
        return "a uniform image without a notice"
    return ""


def _pydicom(data: bytes, decoder: str = "") -> np.ndarray | None:
    from pydicom import dcmread
    from pydicom.pixels.processing import apply_color_lut
    from pydicom.pixels.utils import pixel_array

    try:
        dataset = dcmread(io.BytesIO(data), force=True)
        if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
            dataset.pop("NumberOfFrames", None)
        stored = pixel_array(dataset, index=0, decoding_plugin=decoder)
        if dataset.PhotometricInterpretation == "PALETTE COLOR":
            return apply_color_lut(stored, dataset)[..., :3]
    except Exception:  # noqa: BLE001 - it doesn't read this file
        return None
    return stored


def _pillow(data: bytes) -> np.ndarray | None:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            if image.mode in ("L", "I;16", "I;16B", "RGB", "F") and not image.info.get(
                "transparency"
            ):
                return np.asarray(image)
    except Exception:  # noqa: BLE001 - it doesn't read this file
        return None
    return None


def _compare(stored: np.ndarray, other: np.ndarray | None) -> tuple[str, str]:
    if other is None:
        return "alone", ""
    if other.ndim == 3:
        other = other.astype(np.float64) @ (0.299, 0.587, 0.114)
    if other.shape != stored.shape:
        return "differs", f"{stored.shape} and {other.shape}"
    difference = np.abs(stored.astype(np.float64) - other.astype(np.float64))
    worst = float(np.nanmax(difference))
    tolerance = max(1.0, 1e-6 * float(np.nanmax(np.abs(other))))  # of lossy codecs, and of float32
    return ("image", "") if worst <= tolerance else ("differs", f"by up to {worst:g}")


def _compare_dicom(
    radiograph: Radiograph, data: bytes, other: np.ndarray | None
) -> tuple[str, str]:
    verdict = _compare(radiograph.stored, other)
    if other is None or verdict[0] != "image" or other.ndim == 3:
        return verdict
    shown = _pydicom_display(data, other)
    if shown is None or shown.shape != radiograph.pixels.shape:
        return verdict
    worst = float(np.abs(radiograph.display - shown).max())
    return verdict if worst <= 0.002 else ("differs", f"displayed differently by {worst:.3f}")


def _pydicom_display(data: bytes, stored: np.ndarray) -> np.ndarray | None:
    """pydicom's own modality LUT and window in [0, 1]; None where it is known to be wrong."""
    from pydicom import dcmread
    from pydicom.pixels.processing import apply_modality_lut, apply_windowing

    dataset = dcmread(io.BytesIO(data), force=True)
    if "VOILUTSequence" in dataset or "PixelPaddingValue" in dataset or stored.dtype.kind == "f":
        return None
    try:
        values = apply_modality_lut(stored, dataset)
        shown = apply_windowing(values, dataset).astype(np.float64)
        bits = int(dataset.BitsStored)
        ends = np.array([0.0, 2.0**bits - 1])
        ends -= 2.0 ** (bits - 1) * int(dataset.PixelRepresentation)
        low, high = sorted(apply_modality_lut(ends, dataset))
        if "WindowCenter" not in dataset:
            low, high = shown.min(), shown.max()
    except Exception:  # noqa: BLE001 - an element is empty or missing
        return None
    shown = (shown - low) / (high - low) if high > low else np.zeros(shown.shape)
    is_inverse = dataset.PhotometricInterpretation == "MONOCHROME1"
    is_inverse |= dataset.get("PresentationLUTShape") == "INVERSE"
    return 1.0 - shown if is_inverse else shown


if __name__ == "__main__":
    serve({"judge": judge, "read_only": read_only})
