"""The types of the arrays that figures are made from: of N images, or of B resamples."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]
Labels = NDArray[np.int64]
