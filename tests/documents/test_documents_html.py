"""The HTML report, read by Python's parser and judged by WCAG's formulas."""

import base64
import io
import re
from html.parser import HTMLParser

import pytest
from PIL import Image

from tests.conftest import make_radiograph
from tests.documents.made import DEGENERATE, bright, long_names, report_of
from tests.gate_rules import gated
from tests.wcag import luminance
from xray_app.core.records import Radiograph
from xray_app.core.text.words import DISCLAIMER
from xray_app.documents.html.page import report_to_html
from xray_app.documents.html.style import STYLE

VOID = {"meta", "img"}


class Page(HTMLParser):
    """Every element with its attributes, the visible text, and whether tags close in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_it_says_the_essentials(radiograph: Radiograph) -> None:
    report = report_of(radiograph, "percentile+imagenet")
    page = Page(report_to_html(report))
    for words in (
        DISCLAIMER, report.headline, report.identity, report.date, report.digest,
        "(x − p2) / (p98 − p2)", "Display domain", "Nothing checks", report.cautions[0],
    ):  # fmt: skip
        assert words in page.text, words
    assert page.text.index(report.cautions[0]) < page.text.index(report.headline)
    assert page.all("s")  # the prediction is struck out


def test_nothing_is_fetched_or_run(radiograph: Radiograph) -> None:
    html = report_to_html(report_of(radiograph))
    page = Page(html)
    rest = re.sub(r"data:image/png;base64,[\w+/=]+", "", html)
    assert not re.search(r"https?:|//\w|url\(|@import|<script|<link|<iframe|\son\w+=", rest)
    for tag, attributes in page.elements:
        for name in ("src", "href", "srcset", "data"):
            assert attributes.get(name, "data:").startswith("data:"), tag
    policy = next(m["content"] for m in page.all("meta") if "http-equiv" in m)
    assert policy.startswith("default-src 'none'")


def test_the_pictures_are_inside(radiograph: Radiograph) -> None:
    report = report_of(radiograph)
    sizes = []
    for image in Page(report_to_html(report)).all("img"):
        with Image.open(io.BytesIO(base64.b64decode(image["src"].split(",")[1]))) as picture:
            sizes.append((picture.size, picture.mode))
            assert (int(image["width"]), int(image["height"])) == picture.size
    assert sizes == [((40, 48), "L"), ((40, 48), "RGB")]


def test_it_is_accessible(radiograph: Radiograph) -> None:
    page = Page(report_to_html(report_of(radiograph, "rescale")))
    assert page.all("html")[0]["lang"] == "en"
    assert all(len(image["alt"]) > 10 for image in page.all("img"))
    assert all("Histogram" in svg["aria-label"] for svg in page.all("svg"))
    assert {th["scope"] for th in page.all("th")} == {"row", "col"}
    assert len(page.all("caption")) == len(page.all("table")) == 2
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) == 1


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_contrast_is_enough_in_both_themes(theme: int) -> None:
    block = STYLE.split(":root {")[theme + 1]
    colours = dict(re.findall(r"--([\w-]+): (#\w{6})", block.split("* {")[0].split("@media")[0]))
    for ink, paper in (
        ("ink", "paper"), ("quiet", "paper"), ("alarm", "paper"), ("chosen", "paper"),
        ("alarm", "alarm-paper"), ("fine", "fine-paper"), ("warn", "warn-paper"),
    ):  # fmt: skip
        assert contrast(colours[ink], colours[paper]) >= 4.5, (ink, paper)
    assert contrast(colours["reference"], colours["paper"]) >= 3.0


def test_a_closed_gate_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    report = report_of(bright(), engine=gated(monkeypatch))
    page = Page(report_to_html(report))
    assert page.text.index("looks like an adult") < page.text.index(report.headline)
    assert page.all("s")


def test_a_result_that_fits_is_not_struck_out(radiograph: Radiograph) -> None:
    assert not Page(report_to_html(report_of(radiograph))).all("s")


@pytest.mark.parametrize("kind", DEGENERATE)
def test_any_image(kind: str) -> None:
    assert Page(report_to_html(report_of(make_radiograph(DEGENERATE[kind]), "zscore"))).all("img")


def test_foreign_words_are_text_and_not_markup(radiograph: Radiograph) -> None:
    page = Page(report_to_html(report_of(radiograph, engine=long_names())))
    assert not page.all("b")
    assert not page.all("everything")
    assert "<b>Überlang" in page.text
    assert "病" in page.text


def test_the_same_report_gives_the_same_text(radiograph: Radiograph) -> None:
    first, second = (report_to_html(report_of(radiograph)) for _ in range(2))
    assert first == second
