"""The PDF, opened with PDFium, which had no part in writing it."""

import numpy as np
import pypdfium2
import pytest
from pypdfium2 import raw as pdfium

from tests.conftest import make_radiograph
from tests.documents.made import DEGENERATE, bright, long_names, report_of
from tests.gate_rules import gated
from xray_app.core.records import Radiograph
from xray_app.core.text.words import DISCLAIMER
from xray_app.documents.content import Report
from xray_app.documents.pdf.page import report_to_pdf
from xray_app.documents.pdf.style import load_fonts, showable


def opened(report: Report) -> pypdfium2.PdfPage:
    document = pypdfium2.PdfDocument(report_to_pdf(report))
    assert len(document) == 1
    return document[0]


def text_of(page: pypdfium2.PdfPage) -> str:
    return " ".join(page.get_textpage().get_text_bounded().split())


def test_one_page_of_a4_with_the_essentials(radiograph: Radiograph) -> None:
    report = report_of(radiograph, "percentile+imagenet")
    page = opened(report)
    assert page.get_size() == pytest.approx((595.28, 841.89), abs=0.01)
    text = text_of(page)
    for words in (
        DISCLAIMER, report.headline, report.identity, report.date, "Normalization scheme",
        "(x − p2) / (p98 − p2)", "percentile+imagenet", "At the first convolution",
        "Display domain", "Resized", "Nothing checks", "nobody", "xray-app", report.cautions[0],
    ):  # fmt: skip
        assert words in text, words
    assert report.digest in text.replace(" ", "")


def test_the_typeface_is_embedded(radiograph: Radiograph) -> None:
    page = opened(report_of(radiograph))
    texts = [o for o in page.get_objects(max_depth=9) if o.type == pdfium.FPDF_PAGEOBJ_TEXT]
    fonts = [pdfium.FPDFTextObj_GetFont(o.raw) for o in texts]
    assert len(fonts) > 20
    assert all(pdfium.FPDFFont_GetIsEmbedded(font) == 1 for font in fonts)


def test_the_same_report_gives_the_same_bytes(radiograph: Radiograph) -> None:
    first, second = (report_to_pdf(report_of(radiograph)) for _ in range(2))
    assert first == second


def test_the_picture_and_the_plots_are_there(radiograph: Radiograph) -> None:
    page = opened(report_of(radiograph))
    kinds = [o.type for o in page.get_objects(max_depth=9)]
    assert kinds.count(pdfium.FPDF_PAGEOBJ_IMAGE) == 2
    assert kinds.count(pdfium.FPDF_PAGEOBJ_PATH) > 40  # vector histograms, bars, rules
    shown = np.asarray(page.render(scale=1).to_pil().convert("L"), float)
    assert 0.02 < (shown < 200).mean() < 0.6
    margin = np.concatenate([shown[:, :25].ravel(), shown[:, -25:].ravel(), shown[:25].ravel()])
    assert (margin > 250).all()  # nothing runs over the edge


def test_a_closed_gate_strikes_the_prediction_out(monkeypatch: pytest.MonkeyPatch) -> None:
    report = report_of(bright(), engine=gated(monkeypatch))
    text = text_of(opened(report))
    assert text.index("looks like an adult") < text.index(report.headline)
    assert "This is outside what the model knows." in text


@pytest.mark.parametrize("kind", DEGENERATE)
def test_any_image_makes_one_page(kind: str) -> None:
    page = opened(report_of(make_radiograph(DEGENERATE[kind]), "zscore"))
    assert DISCLAIMER in text_of(page)


def test_long_and_foreign_words_stay_on_the_page(radiograph: Radiograph) -> None:
    engine = long_names()
    report = report_of(radiograph, engine=engine)
    page = opened(report)
    text = text_of(page)
    assert "Anything & <everything> may be wrong." in text  # shown, not read as markup
    assert f"Radiograph {report.identity}, scheme {report.scheme_name}" in text  # the last line
    width, height = page.get_size()
    for item in page.get_objects(max_depth=9):
        left, bottom, right, top = item.get_bounds()
        if item.level == 0:
            assert left > 0
            assert bottom > 0
            assert right < width
            assert top < height


def test_what_the_typeface_lacks_is_replaced() -> None:
    load_fonts()
    assert showable("2 × 3 − 1 ≈ 5, 5² µm") == "2 × 3 − 1 ≈ 5, 5² µm"
    assert showable("Ångström") == "Ångström"
    assert showable("①") == "1"
    assert showable("病") == "?"
