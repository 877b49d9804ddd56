"""Signs that a map shows a habit of the network rather than evidence in the image.

A network with zero padding may park a summary of the whole image in one padded cell, a *register*
(Alsallakh et al., ICLR 2021, "Mind the Pad"; Darcet et al., ICLR 2024, "Vision Transformers Need
Registers"). Grad-CAM points at it faithfully, though nothing in the image is there.
"""

import numpy as np

from xray_app.core import FloatArray

MIRROR_AXIS = 1.0  # cells: peaks so near to the middle look the same when mirrored


def peak_of(values: FloatArray) -> tuple[int, int]:
    """Row and column of the highest cell of a map (h, w); the first of several equals.

    >>> import numpy as np
    >>> peak_of(np.array([[0.0, 1.0], [0.0, 0.0]]))
    (0, 1)
    """
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    return int(row), int(column)


def follows_mirror(values: FloatArray, mirrored: FloatArray) -> bool | None:
    """Whether the peak moves to the mirrored place, within one cell, when the image is mirrored.

    Args:
        values: (h, w) the map of an image.
        mirrored: (h, w) the map of its mirror image, as it comes.

    Returns:
        None where that can't be told: a map is empty, or its peak lies on the middle axis.

    >>> import numpy as np
    >>> left = np.eye(1, 8, dtype=np.float32)
    >>> follows_mirror(left, left[:, ::-1]), follows_mirror(left, left)
    (True, False)
    """
    if not values.max() > 0.0 or not mirrored.max() > 0.0:
        return None
    row, column = peak_of(values)
    opposite = values.shape[1] - 1 - column
    if abs(column - opposite) <= 2 * MIRROR_AXIS:
        return None
    there = peak_of(mirrored)
    return abs(there[0] - row) <= 1 and abs(there[1] - opposite) <= 1
