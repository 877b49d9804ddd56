"""The overlay as a DICOM Secondary Capture (PS3.3 A.8.1), with what must be said in its pixels.

Many viewers show pixels and little else, so that a heatmap alone would look like a finding.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import reportlab
from highdicom.sc import SCImage
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from pydicom.dataset import Dataset

from xray_app.documents.content import Report
from xray_app.documents.dicom.identity import Identity, stamped
from xray_app.documents.pdf.style import load_fonts, showable

_LEAST_WIDTH = 640
_LEAST_SIDE = 512
_SIZE, _LEADING, _MARGIN = 17, 24, 12
_WHITE, _ALARM = (255, 255, 255), (255, 180, 171)
IN_PIXELS = "RESEARCH AND TEACHING ONLY - NOT A MEDICAL DEVICE"


def capture(report: Report, identity: Identity) -> Dataset:
    """An RGB image of 8 bits: the overlay above its captions."""
    pixels = captioned(report)
    arguments: dict[str, Any] = identity.study() | identity.series(
        "capture", 9001, "Heatmap, research only"
    )
    dataset = SCImage(
        pixel_array=pixels,
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        patient_orientation=("L", "F"),
        **arguments,
    )
    # highdicom wants an orientation, but nobody knows it
    dataset.PatientOrientation = []
    dataset.ConversionType = "WSD"  # made on a workstation: PS3.3 C.8.6.1
    dataset.BurnedInAnnotation = "YES"  # the captions, and what the radiograph itself may hold
    dataset.ImageComments = " ".join([IN_PIXELS + ".", *_lines(report)])[:10240]
    dataset.DerivationDescription = f"Heatmap over the radiograph. {report.overlay_caption}"[:1024]
    if references := identity.references():
        dataset.SourceImageSequence = references
    return stamped(dataset, identity)


def captioned(report: Report) -> NDArray[np.uint8]:
    """The overlay with its captions beneath it, (H, W, 3) uint8, at least 640 wide."""
    overlay = _enlarged(Image.fromarray(report.overlay))
    width = max(_LEAST_WIDTH, overlay.width)
    lines = [(line, _ALARM) for line in _wrapped(IN_PIXELS, width)]
    for text in _lines(report):
        colour = _ALARM if text in report.cautions else _WHITE
        lines += [(line, colour) for line in _wrapped(text, width)]
    height = overlay.height + 2 * _MARGIN + _LEADING * len(lines)
    page = Image.new("RGB", (width, height))
    page.paste(overlay, ((width - overlay.width) // 2, 0))
    draw = ImageDraw.Draw(page)
    for i, (line, colour) in enumerate(lines):
        place = (_MARGIN, overlay.height + _MARGIN + i * _LEADING)
        draw.text(place, line, fill=colour, font=_font())
    return np.asarray(page)


def _lines(report: Report) -> tuple[str, ...]:
    headline = f"{report.headline}, scheme {report.scheme_name}. {report.aside}"
    if not report.is_meaningful:
        headline = f"Not to be used: {headline}"
    return (*report.cautions, headline, f"{report.overlay_caption}.")


def _enlarged(overlay: Image.Image) -> Image.Image:
    factor = _LEAST_SIDE // max(overlay.size)
    if factor < 2:
        return overlay
    size = (overlay.width * factor, overlay.height * factor)
    return overlay.resize(size, Image.Resampling.BICUBIC)


def _wrapped(text: str, width: int) -> list[str]:
    """Lines that fit, in characters that the typeface has; a word that is too long is broken."""
    load_fonts()
    lines = [""]
    for word in showable(text).split():
        for part in _parts(word, width):
            longer = f"{lines[-1]} {part}".strip()
            if lines[-1] and not _fits(longer, width):
                lines.append(part)
            else:
                lines[-1] = longer
    return lines


def _parts(word: str, width: int) -> list[str]:
    parts = [""]
    for character in word:
        if parts[-1] and not _fits(parts[-1] + character, width):
            parts.append("")
        parts[-1] += character
    return parts


def _fits(text: str, width: int) -> bool:
    return _font().getlength(text) <= width - 2 * _MARGIN


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"), _SIZE)
