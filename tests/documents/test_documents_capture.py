"""The capture's captions: whole, inside the page, in characters that its typeface has."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.documents.made import report_of
from tests.documents.objects import CAPTURE, read
from xray_app.core.records import Radiograph
from xray_app.documents.dicom import capture
from xray_app.documents.dicom.capture import captioned
from xray_app.documents.dicom.export import dicom_export

WIDTH = 640


def lines_of(text: str) -> list[str]:
    return capture._wrapped(text, WIDTH)


@pytest.mark.parametrize("text", ["W" * 120, f"short {'i' * 300} short", "a b c", "x" * 40])
def test_every_line_fits_and_no_character_is_lost(text: str) -> None:
    lines = lines_of(text)
    assert all(capture._font().getlength(line) <= WIDTH - 24 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_words_stay_whole_where_they_fit() -> None:
    assert lines_of("two words") == ["two words"]
    assert all(set(line.split()) == {"word"} for line in lines_of("word " * 40))


def test_what_the_typeface_lacks_is_not_drawn_as_boxes() -> None:
    assert lines_of("\u80ba \uff38ray \u00dcber") == ["? Xray \u00dcber"]


def test_a_long_label_ends_inside_the_page(radiograph: Radiograph) -> None:
    """Its last letters are the pixels of the same letters drawn alone."""
    report = replace(report_of(radiograph), overlay_caption="M" * 120)
    page = captioned(report)
    assert page.shape[1] == WIDTH
    first, *_, last = lines_of(f"{'M' * 120}.")
    assert len(first) > len(last) > 0
    alone = Image.new("RGB", (WIDTH, 24))
    ImageDraw.Draw(alone).text((12, 0), last, fill=(255, 255, 255), font=capture._font())
    found = page[-12 - 24 : -12]
    assert np.array_equal(found, np.asarray(alone))


def test_it_is_made_on_a_workstation_with_words_in_its_pixels(radiograph: Radiograph) -> None:
    dataset = read(dicom_export(report_of(radiograph), radiograph, None), CAPTURE)
    assert (dataset.ConversionType, dataset.BurnedInAnnotation) == ("WSD", "YES")
