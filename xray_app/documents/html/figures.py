"""Images of the HTML report: data URIs and inline SVG, so that nothing is fetched."""

from base64 import b64encode

from xray_app.core import AnyArray
from xray_app.documents.content import ClassRow, ColourScale
from xray_app.documents.html.markup import Markup, element
from xray_app.documents.plots import Plot, png_of

_WIDTH, _HEIGHT = 300.0, 110.0


def embedded_image(image: AnyArray, alt: str) -> Markup:
    """An image, (H, W) float32 in [0, 1] or (H, W, 3) uint8, as PNG inside the page."""
    source = "data:image/png;base64," + b64encode(png_of(image)).decode()
    height, width = image.shape[:2]
    return element("img", src=source, alt=alt, width=width, height=height)


def histogram(plot: Plot) -> Markup:
    """The outlines over an axis; the ends of the axis are text beneath it."""
    lines = []
    for one in plot.outlines:
        shape = "polyline" if one.kind == "trained" else "polygon"
        points = " ".join(f"{x * _WIDTH:.2f},{(1 - y) * _HEIGHT:.2f}" for x, y in one.points)
        lines.append(element(shape, points=points, class_=f"line {one.kind.replace(' ', '-')}"))
    if plot.note:
        at_left = plot.note_at < 0.5
        x = plot.note_at * _WIDTH + (6 if at_left else -6)
        anchor = "start" if at_left else "end"
        note = element("text", plot.note, x=f"{x:.2f}", y="12", text_anchor=anchor, class_="note")
        lines.append(note)
    base = element("line", x1="0", x2=f"{_WIDTH:g}", y1=f"{_HEIGHT:g}", y2=f"{_HEIGHT:g}")
    return element(
        "svg",
        *lines,
        base,
        viewBox=f"-1 -1 {_WIDTH + 2:g} {_HEIGHT + 2:g}",
        role="img",
        aria_label=f"Histogram, {plot.title}: {plot.caption}",
    )


def colour_bar(scale: ColourScale) -> Markup:
    """The heatmap's scale: a bar of CSS, the ends in words beneath it."""
    colours = ", ".join(scale.colours)
    return element(
        "div",
        element("div", style=f"background:linear-gradient(to right, {colours})", class_="colours"),
        element("span", f"{scale.low:.3g}"),
        element("span", scale.unit),
        element("span", f"{scale.top:.3g}"),
        class_="scale",
    )


def probability_bar(row: ClassRow, *, meaningful: bool) -> Markup:
    """A bar from 0 to 1; the figure stands beside it, so that it is hidden from readers."""
    kind = "bar predicted" if meaningful and row.is_predicted else "bar"
    length = 100.0 * min(1.0, max(0.0, row.probability))
    inner = element("span", style=f"width:{length:.1f}%")
    return element("span", inner, class_=kind, aria_hidden="true")
