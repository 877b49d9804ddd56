"""Images of the PDF: images, the colour scale, probability bars and histograms."""

from io import BytesIO

from reportlab.graphics.shapes import Drawing, Line, Polygon, PolyLine, Rect, String
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Image

from xray_app.core import AnyArray
from xray_app.documents.content import ClassRow, ColourScale
from xray_app.documents.pdf.style import (
    BAR,
    BOLD,
    CHANNELS,
    CHOSEN,
    INK,
    LINE,
    QUIET,
    REFERENCE,
    REGULAR,
    SMALL,
    showable,
)
from xray_app.documents.plots import Outline, Plot, png_of

_LEAST = 1.0  # points; an image of one row is still a line


def embedded_image(image: AnyArray, width: float, height: float) -> Image:
    """An image, (H, W) float32 in [0, 1] or (H, W, 3) uint8, as large as fits into the box."""
    rows, columns = image.shape[:2]
    scale = min(width / columns, height / rows)
    width, height = max(_LEAST, columns * scale), max(_LEAST, rows * scale)
    return Image(BytesIO(png_of(image)), width, height, hAlign="LEFT")


def colour_scale(scale: ColourScale, width: float) -> Drawing:
    """A bar from one end of the scale to the other, with its unit."""
    drawing = Drawing(width, 17)
    stops = [HexColor(colour) for colour in scale.colours]
    parts = 8 * (len(stops) - 1)
    for i in range(parts):
        # a little wider than its part, so that no seam shows
        step = Rect(i * width / parts, 10, width / parts + 0.3, 6, strokeColor=None)
        step.fillColor = _between(stops, i / (parts - 1))
        drawing.add(step)
    drawing.add(_text(0, 2, f"{scale.low:.3g}"))
    drawing.add(_text(width, 2, f"{scale.top:.3g}", "end"))
    drawing.add(_text(width / 2, 2, _shortened(scale.unit, width - 40), "middle"))
    return drawing


def probability_bar(row: ClassRow, width: float, *, meaningful: bool) -> Drawing:
    """A bar from 0 to 1, in colour for the predicted class unless it means nothing."""
    drawing = Drawing(width, 6)
    drawing.add(Rect(0, 0, width, 6, fillColor=None, strokeColor=LINE, strokeWidth=0.4))
    colour = CHOSEN if meaningful and row.is_predicted else BAR
    length = width * min(1.0, max(0.0, row.probability))
    drawing.add(Rect(0, 0, length, 6, fillColor=colour, strokeColor=None))
    return drawing


def histogram(plot: Plot, width: float, height: float) -> Drawing:
    """The outlines over an axis with the values at its ends."""
    base = 10.0
    drawing = Drawing(width, height)
    for one in plot.outlines:
        _draw_outline(drawing, one, width, base, height - base)
    drawing.add(Line(0, base, width, base, strokeColor=QUIET, strokeWidth=0.5))
    drawing.add(_text(0, 2, f"{plot.low:.4g}"))
    drawing.add(_text(width, 2, f"{plot.high:.4g}", "end"))
    if plot.note:
        at_left = plot.note_at < 0.5
        x = plot.note_at * width + (5 if at_left else -5)
        anchor = "start" if at_left else "end"
        drawing.add(_text(x, height - 9, plot.note, anchor, CHOSEN, BOLD))
    return drawing


def _shortened(text: str, width: float) -> str:
    """The text, or its beginning and "…", as wide as ``width`` at most."""
    text = showable(text)
    if stringWidth(text, REGULAR, SMALL) <= width:
        return text
    while text and stringWidth(text + "…", REGULAR, SMALL) > width:
        text = text[:-1]
    return text + "…"


def _draw_outline(drawing: Drawing, one: Outline, width: float, base: float, height: float) -> None:
    flat = [c for x, y in one.points for c in (x * width, base + y * (height - 2))]
    if one.kind == "trained":
        drawing.add(
            PolyLine(flat, strokeColor=REFERENCE, strokeWidth=0.9, strokeDashArray=[1.5, 1.5])
        )
        return
    single = one.kind == "chosen"
    colour = CHOSEN if single else CHANNELS[int(one.kind[-1]) - 1]
    fill = Color(colour.red, colour.green, colour.blue, 0.28)
    drawing.add(Polygon(flat, fillColor=fill, strokeColor=colour, strokeWidth=0.8))


def _between(stops: list[Color], fraction: float) -> Color:
    place = fraction * (len(stops) - 1)
    i = min(int(place), len(stops) - 2)
    a, b, t = stops[i], stops[i + 1], place - i
    return Color(*(getattr(a, c) + t * (getattr(b, c) - getattr(a, c)) for c in _CHANNEL_NAMES))


_CHANNEL_NAMES = ("red", "green", "blue")


def _text(
    x: float, y: float, text: str, anchor: str = "start", colour: Color = INK, font: str = REGULAR
) -> String:
    return String(
        x, y, showable(text), fontName=font, fontSize=SMALL, fillColor=colour, textAnchor=anchor
    )
