"""Measures and tables of the PDF's page."""

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Table

from xray_app.documents.pdf.style import (
    ALARM,
    ALARM_PAPER,
    BOLD,
    FINE,
    FINE_PAPER,
    HEADING,
    INK,
    LINE,
    WARN,
    WARN_PAPER,
    labelled,
    words,
)

MARGIN = 13 * mm
WIDTH = A4[0] - 2 * MARGIN
GAP = 4 * mm
FOOT = 4 * mm
THIRD = (WIDTH - 2 * GAP) / 3
HALF = (WIDTH - GAP) / 2
_BOXES = {
    "matches": (FINE, FINE_PAPER),
    "contrast": (WARN, WARN_PAPER),
    "mismatch": (ALARM, ALARM_PAPER),
}
PLAIN = [
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]


def columns(cells: list[list[Flowable]], width: float) -> Table:
    """Columns of one width beside each other."""
    widths = [width + GAP] * (len(cells) - 1) + [width]
    style = [*PLAIN, ("RIGHTPADDING", (0, 0), (-2, -1), GAP)]
    return Table([cells], colWidths=widths, style=style, hAlign="LEFT")


def box(bold: str, text: str, size: float, verdict: str) -> Table:
    """Words on the colour of a verdict: "matches", "contrast" or "mismatch"."""
    ink, paper = _BOXES[verdict]
    style = [("BACKGROUND", (0, 0), (-1, -1), paper), ("LINEBEFORE", (0, 0), (0, -1), 2.5, ink)]
    return Table([[labelled(bold, text, size, ink)]], colWidths=[WIDTH], style=style)


def ruled(rows: list[list[Flowable]], widths: list[float]) -> Table:
    """A table with a line under each row."""
    style = [
        *PLAIN,
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
        ("TOPPADDING", (0, 0), (-1, -1), 1.6),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.6),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ]
    return Table(rows, colWidths=widths, style=style, repeatRows=1)


def heading(text: str) -> Flowable:
    """A heading of a part."""
    return words(text, HEADING, INK, BOLD)
