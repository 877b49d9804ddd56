"""The types of arrays that records hold, and how an array is made read-only."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
AnyArray = NDArray[Any]


def read_only(array: AnyArray) -> AnyArray:
    """Return a view of ``array`` that can't be written through.

    >>> import numpy as np
    >>> read_only(np.zeros(2)).flags.writeable
    False
    """
    view = array.view()
    view.flags.writeable = False
    return view
