"""Typeface, sizes and colours of the PDF, and text that its typeface can show."""

import unicodedata
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph

INK, QUIET, LINE = HexColor("#1b2327"), HexColor("#55636b"), HexColor("#cfd6da")
CHOSEN, REFERENCE, BAR = HexColor("#0072B2"), HexColor("#D55E00"), HexColor("#8A979F")
CHANNELS = (REFERENCE, HexColor("#009E73"), CHOSEN)
ALARM, ALARM_PAPER = HexColor("#9b1c1c"), HexColor("#fdecea")
FINE, FINE_PAPER = HexColor("#1e5c3a"), HexColor("#eaf5ee")
WARN, WARN_PAPER = HexColor("#7a4b00"), HexColor("#fdf3e1")

REGULAR, BOLD = "Vera", "VeraBd"
SMALL, BODY, HEADING = 6.9, 7.7, 8.8


@lru_cache(maxsize=1)
def load_fonts() -> None:
    """Register Bitstream Vera, which comes with reportlab and may be embedded."""
    folder = Path(reportlab.__file__).parent / "fonts"
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    pdfmetrics.registerFontFamily(
        REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD
    )


def showable(text: str) -> str:
    """The text with what the typeface lacks replaced: by plain letters, else by "?"."""
    glyphs = pdfmetrics.getFont(REGULAR).face.charToGlyph
    return "".join(
        c if ord(c) in glyphs else _plain(c, glyphs) for c in unicodedata.normalize("NFC", text)
    )


def _plain(character: str, glyphs: dict[int, int]) -> str:
    parts = [c for c in unicodedata.normalize("NFKD", character) if ord(c) in glyphs]
    return "".join(parts) or "?"


def style(size: float, colour: Color, font: str = REGULAR) -> ParagraphStyle:
    """A paragraph style; a word longer than its column is broken."""
    return ParagraphStyle(
        f"{font} {size} {colour.hexval()}",
        fontName=font,
        fontSize=size,
        leading=size * 1.32,
        textColor=colour,
        splitLongWords=1,
    )


def words(text: str, size: float = BODY, colour: Color = INK, font: str = REGULAR) -> Paragraph:
    """A paragraph of plain text: whatever is in it is shown as it is."""
    return Paragraph(escape(showable(text)), style(size, colour, font))


def marked(text: str, size: float, colour: Color) -> Paragraph:
    """A paragraph of bold text that is struck out."""
    return Paragraph(f"<strike>{escape(showable(text))}</strike>", style(size, colour, BOLD))


def labelled(label: str, text: str, size: float = BODY, colour: Color = INK) -> Paragraph:
    """A bold label and plain text behind it."""
    content = f"<b>{escape(showable(label))}</b> {escape(showable(text))}"
    return Paragraph(content, style(size, colour))
