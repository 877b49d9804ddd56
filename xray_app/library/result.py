"""What every result of the library can do: text, a notebook's HTML, plain values, a figure."""

from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xray_app.core.images import encode_jpeg
from xray_app.documents.html import Markup, element

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Okabe and Ito: told apart with every common colour-vision deficiency, on white and on black.
FITS, CONTRAST, MISMATCH, NEUTRAL = "#0072B2", "#E69F00", "#D55E00", "#8A979F"
_QUALITY = 85
# Text and background stay the notebook's own, light or dark; the lines show on both.
_BOX = (
    "max-width:52em;padding:.5em 1em;border:1px solid rgba(128,128,128,.45);border-radius:6px;"
    "border-left:5px solid {colour}"
)
_CELL = "text-align:left;padding:.15em 1em .15em 0;background:none"


class Result(ABC):
    """A frozen result: ``repr`` is its text, notebooks show its HTML."""

    __slots__ = ()

    @property
    @abstractmethod
    def text(self) -> str:
        """The result in sentences."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""

    @abstractmethod
    def figure(self) -> "go.Figure":
        """Return a Plotly figure."""

    @abstractmethod
    def _html(self) -> Markup:
        """What notebooks show, for ``box``."""

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return str(self._html())


def box(colour: str, *parts: str) -> Markup:
    """Parts one below the other, with a line in this colour at their left."""
    return element("div", *parts, style=_BOX.format(colour=colour))


def headline(text: str) -> Markup:
    """The first line."""
    return element("div", element("b", text))


def paragraph(text: str) -> Markup:
    """Some lines of text, each a line."""
    lines = [element("div", line) for line in text.splitlines()]
    return element("div", *lines, style="margin:.4em 0")


def rows(head: tuple[str, ...], body: Sequence[tuple[str, ...]]) -> Markup:
    """A table that takes its colours from the notebook."""
    top = [element("th", text, scope="col", style=_CELL) for text in head]
    lines = [element("tr", *(element("td", text, style=_CELL) for text in row)) for row in body]
    return element(
        "table", element("thead", element("tr", *top)), element("tbody", *lines),
        style="border-collapse:collapse;margin:.4em 0",
    )  # fmt: skip


def code(text: str) -> Markup:
    """Lines of code."""
    style = "margin:.4em 0;padding:.4em .6em;border:1px solid rgba(128,128,128,.3);overflow-x:auto"
    return element("pre", text, style=f"{style};background:none")


def embedded_image(image: NDArray[np.uint8], alt: str, width: int = 300) -> Markup:
    """An image (H, W) or (H, W, 3), within the page, at most so many pixels wide."""
    wide = image[:: max(1, image.shape[0] // 512), :: max(1, image.shape[1] // 512)]
    data = b64encode(encode_jpeg(np.ascontiguousarray(wide), _QUALITY)).decode()
    return element(
        "img", src=f"data:image/jpeg;base64,{data}", alt=alt, width=width, style="margin:.2em"
    )
