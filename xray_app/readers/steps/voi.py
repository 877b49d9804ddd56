"""Windows of DICOM, in floating point: PS3.3 C.11.2.1.2 and C.11.2.1.3."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xray_app.core import AnyArray

Values = NDArray[np.float64]


_BLOCK = 2**16  # pixels; their float64 temporaries stay in the processor's cache


def working_type(values: AnyArray) -> type[np.float32] | type[np.float64]:
    """Return float32 where it holds every value exactly, which is most files; otherwise float64.

    >>> import numpy as np
    >>> working_type(np.zeros(1, np.uint16)).__name__, working_type(np.zeros(1, np.int32)).__name__
    ('float32', 'float64')
    """
    return np.float32 if values.dtype.itemsize <= 2 else np.float64


def by_blocks(
    function: Callable[[Values], AnyArray],
    values: AnyArray,
    out_type: type[np.float32] | type[np.float64] = np.float32,
) -> AnyArray:
    """Apply a pixelwise function in float64, a block at a time so that memory stays bounded.

    Args:
        function: maps (n,) float64 to (n,).
        values: an array of any shape and type.
        out_type: type of the result.

    Returns:
        An array of the same shape.

    >>> import numpy as np
    >>> by_blocks(lambda v: v / 2, np.array([[1, 2]], np.uint8))
    array([[0.5, 1. ]], dtype=float32)
    """
    flat = values.reshape(-1)
    out = np.empty(flat.shape, out_type)
    for start in range(0, len(flat), _BLOCK):
        block = slice(start, start + _BLOCK)
        out[block] = function(flat[block].astype(np.float64))
    return out.reshape(values.shape)


def linear(values: Values, center: float, width: float, white: float) -> Values:
    """Apply the window of ``width`` levels, a pixel's level being one wide: C.11.2.1.2.1.

    Like all windows here it maps modality values of any shape, float64, to [0, ``white``];
    ``width`` is at least 1.

    >>> import numpy as np
    >>> linear(np.array([-1.0, 0.0, 255.0]), center=128.0, width=256.0, white=1.0).tolist()
    [0.0, 0.0, 1.0]
    """
    if width == 1.0:
        return np.where(values <= center - 0.5, 0.0, white)
    scaled = ((values - (center - 0.5)) / (width - 1.0) + 0.5) * white
    return np.clip(scaled, 0.0, white, out=scaled)


def linear_exact(values: Values, center: float, width: float, white: float) -> Values:
    """Apply the window [center - width / 2, center + width / 2] exactly; width > 0: C.11.2.1.3.2.

    >>> import numpy as np
    >>> linear_exact(np.array([0.0, 64.0, 256.0]), center=128.0, width=256.0, white=1.0).tolist()
    [0.0, 0.25, 1.0]
    """
    scaled = ((values - center) / width + 0.5) * white
    return np.clip(scaled, 0.0, white, out=scaled)


def sigmoid(values: Values, center: float, width: float, white: float) -> Values:
    """Apply white / (1 + exp(-4 (x - center) / width)); width > 0: C.11.2.1.3.1.

    >>> import numpy as np
    >>> sigmoid(np.array([128.0, 1e9]), center=128.0, width=256.0, white=1.0).tolist()
    [0.5, 1.0]
    """
    exponent = np.clip(-4.0 * (values - center) / width, -700.0, 700.0)  # exp(710) overflows
    shown: Values = white / (1.0 + np.exp(exponent))
    return shown


@dataclass(frozen=True, slots=True)
class WindowFunction:
    """A VOI LUT Function and the narrowest window that it is defined for."""

    apply: Callable[[Values, float, float, float], Values]
    is_valid: Callable[[float], bool]


WINDOWS: dict[str, WindowFunction] = {
    "LINEAR": WindowFunction(linear, lambda width: width >= 1.0),
    "LINEAR_EXACT": WindowFunction(linear_exact, lambda width: width > 0.0),
    "SIGMOID": WindowFunction(sigmoid, lambda width: width > 0.0),
}


@dataclass(frozen=True, slots=True)
class WindowCurve:
    """A window that is no straight line between two ends, as values to gray in [0, 1].

    >>> import numpy as np
    >>> WindowCurve("SIGMOID", center=128.0, width=256.0)(np.array([128.0])).tolist()
    [0.5]
    """

    function: str
    center: float
    width: float

    def __call__(self, values: AnyArray) -> AnyArray:
        """Modality values of any shape to float32 in [0, 1]."""
        apply = WINDOWS[self.function].apply
        return by_blocks(lambda v: apply(v, self.center, self.width, 1.0), values)
