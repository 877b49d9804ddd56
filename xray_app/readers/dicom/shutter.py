"""The display shutter, which hides what lies outside the irradiated field: PS3.3 C.7.6.11."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xray_app.readers.dicom.facts import number, texts

if TYPE_CHECKING:
    from pydicom import Dataset

EDGES = tuple(
    f"Shutter{edge}"
    for edge in (
        *("UpperHorizontalEdge", "LowerHorizontalEdge"),
        *("LeftVerticalEdge", "RightVerticalEdge"),
    )
)
MOST_GRAY = 65535.0  # P-values have 16 bits
_CORNERS = 3


@dataclass(frozen=True, slots=True)
class Shutter:
    """Shapes that each leave something to see; what any of them hides is hidden.

    Rows and columns count from 1.

    Attributes:
        edges: first and last row, first and last column to be seen; () if there is no rectangle.
        circle: row and column of the center, and the radius in columns; () if there is none.
        polygon: row and column of each corner; () if there is none.
        gray: of what is hidden, from 0 for black to 1 for white.
        aspect: height of a pixel divided by its width, for the circle.
    """

    edges: tuple[float, ...] = ()
    circle: tuple[float, ...] = ()
    polygon: tuple[tuple[float, float], ...] = ()
    gray: float = 0.0
    aspect: float = 1.0

    def __call__(self, rows: int, columns: int) -> NDArray[np.bool_]:
        """Return (rows, columns), true where the image is hidden.

        >>> Shutter(edges=(1, 2, 2, 3))(2, 4).astype(int).tolist()
        [[1, 0, 0, 1], [1, 0, 0, 1]]
        """
        hidden = np.zeros((rows, columns), np.bool_)
        row, column = np.ogrid[1 : rows + 1, 1 : columns + 1]
        if self.edges:
            top, bottom, left, right = self.edges
            hidden |= (row < top) | (row > bottom) | (column < left) | (column > right)
        if self.circle:
            middle, across, radius = self.circle
            distance = ((row - middle) * self.aspect) ** 2 + (column - across) ** 2
            hidden |= distance > radius**2
        if self.polygon:
            hidden |= ~self._inside(rows, columns)
        return hidden

    def _inside(self, rows: int, columns: int) -> NDArray[np.bool_]:
        from PIL import Image, ImageDraw

        drawn = Image.new("1", (columns, rows))
        corners = [(column - 1.0, row - 1.0) for row, column in self.polygon]
        ImageDraw.Draw(drawn).polygon(corners, fill=1, outline=1)
        return np.asarray(drawn, np.bool_)


def shutter_of(dataset: "Dataset", aspect: float) -> Shutter | None:
    """Return the shutter that a data set describes; None if it has none, or none that is whole.

    Args:
        dataset: with mended numbers.
        aspect: height of a pixel divided by its width.

    >>> from pydicom import Dataset
    >>> dataset = Dataset()
    >>> dataset.ShutterShape, dataset.CenterOfCircularShutter = "CIRCULAR", [8, 8]
    >>> dataset.RadiusOfCircularShutter = 4
    >>> shutter_of(dataset, aspect=1.0).circle
    (8.0, 8.0, 4.0)
    """
    shapes = texts(dataset, "ShutterShape")
    edges = _numbers(dataset, EDGES) if "RECTANGULAR" in shapes else ()
    circle = _circle(dataset) if "CIRCULAR" in shapes else ()
    polygon = _polygon(dataset) if "POLYGONAL" in shapes else ()
    if not (edges or circle or polygon):
        return None
    gray = (number(dataset, "ShutterPresentationValue") or 0.0) / MOST_GRAY
    return Shutter(edges, circle, polygon, min(max(gray, 0.0), 1.0), aspect)


def _numbers(dataset: "Dataset", keywords: tuple[str, ...]) -> tuple[float, ...]:
    """All of them, or none."""
    found = [number(dataset, keyword) for keyword in keywords]
    return () if None in found else tuple(float(value) for value in found if value is not None)


def _circle(dataset: "Dataset") -> tuple[float, ...]:
    center = _pairs(dataset, "CenterOfCircularShutter")
    radius = number(dataset, "RadiusOfCircularShutter")
    return () if len(center) != 1 or radius is None else (*center[0], radius)


def _polygon(dataset: "Dataset") -> tuple[tuple[float, float], ...]:
    corners = _pairs(dataset, "VerticesOfThePolygonalShutter")
    return corners if len(corners) >= _CORNERS else ()


def _pairs(dataset: "Dataset", keyword: str) -> tuple[tuple[float, float], ...]:
    values = texts(dataset, keyword)
    if "" in values or len(values) % 2:
        return ()
    numbers = [float(value) for value in values]
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))
