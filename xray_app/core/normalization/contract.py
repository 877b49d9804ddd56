"""Does a scheme send the first convolution what training sent there? Measured, then said in words.

Two tensors are compared, both of the same image: the one that arrives under the chosen scheme and
the one that arrives under the scheme that the model was trained with.
"""

import numpy as np

from xray_app.core.records import ContractReport, FloatArray

# Within these the scheme is the training scheme for all a network can tell; 1 % of contrast is
# less than one gray level in a hundred.
_SAME_GAIN = 0.01
_SAME_OFFSET = 0.01
_SAME_CORRELATION = 0.9999
# Beyond these an image no longer lies where training images lie. A shift is in ranges.
_MAX_SPREAD_RATIO = 3.0
_MAX_SHIFT = 0.25
_MIN_CORRELATION = 0.5
_LINEAR = 0.999
_UNIFORM = 1e-6  # less contrast is none: in float32 it is rounding
_NOTHING = "so the prediction below says nothing"
_UNRELIABLE = "so the prediction below can't be relied on"


def measure_contract(
    received: FloatArray, trained: FloatArray, training_range: tuple[float, float]
) -> ContractReport:
    """Fit ``received = gain * trained + offset`` by least squares and judge what it means.

    Args:
        received: (H, W, C) float32, what reaches the first convolution under the chosen scheme.
        trained: (H, W, C) float32, what reaches it for the same image under the training scheme.
        training_range: what black and white become there under the training scheme; not equal.

    Returns:
        The figures and the verdict. For a uniform image gain, offset and correlation are None;
        the correlation is None, too, where nothing of the image's contrast arrives.

    A model that expects bytes receives them divided by 255:

    >>> import numpy as np
    >>> trained = np.array([[[0.0], [255.0]]])
    >>> report = measure_contract(trained / 255.0, trained, training_range=(0.0, 255.0))
    >>> report.verdict, report.headline
    ('mismatch', 'Contrast divided by 255')
    """
    low, high = min(training_range), max(training_range)
    width = high - low
    overlap = min(float(received.max()), high) - max(float(received.min()), low)
    coverage = float(np.clip(overlap / width, 0.0, 1.0))
    count = trained.size
    x_mean, y_mean = (float(a.sum(dtype=np.float64)) / count for a in (trained, received))
    x = np.subtract(trained, x_mean, dtype=np.float64)
    y = np.subtract(received, y_mean, dtype=np.float64)
    # Not "@": BLAS would spread a sum as short as this over threads, and then wait for them.
    x_variance, y_variance, covariance = (
        float(np.einsum("ijk,ijk->", *pair)) / count for pair in ((x, x), (y, y), (x, y))
    )
    x_std, y_std = x_variance**0.5, y_variance**0.5
    shift = (y_mean - x_mean) / width
    if x_std < _UNIFORM * width:
        return _uniform(shift, coverage)
    gain = covariance / x_variance
    offset = y_mean - gain * x_mean
    spread = y_std / x_std
    if spread < _UNIFORM:
        return ContractReport(
            "mismatch", gain, offset, None, coverage,
            "No contrast left",
            f"Nothing of the image's contrast arrives, {_NOTHING}.",
        )  # fmt: skip
    correlation = float(np.clip(covariance / (x_std * y_std), -1.0, 1.0))
    if (
        abs(gain - 1.0) <= _SAME_GAIN
        and abs(offset) <= _SAME_OFFSET * width
        and correlation >= _SAME_CORRELATION
    ):
        return ContractReport(
            "matches", gain, offset, correlation, coverage,
            "Fits training",
            "The first convolution receives what it received in training.",
        )  # fmt: skip
    if (
        1.0 / _MAX_SPREAD_RATIO <= spread <= _MAX_SPREAD_RATIO
        and abs(shift) <= _MAX_SHIFT
        and correlation >= _MIN_CORRELATION
    ):
        return ContractReport(
            "contrast", gain, offset, correlation, coverage,
            "Same range, contrast changed",
            f"The values lie where training values lie, but contrast differs ({spread:.2f} times "
            f"the spread, correlation {correlation:.2f}): read the prediction with caution.",
        )  # fmt: skip
    headline, cause = _explain_mismatch(spread, shift, correlation)
    return ContractReport(
        "mismatch", gain, offset, correlation, coverage,
        headline, f"{cause}.",
    )  # fmt: skip


def _explain_mismatch(spread: float, shift: float, correlation: float) -> tuple[str, str]:
    """Name the largest fault: lost contrast, inversion, excess contrast, or a shift."""
    if spread * _MAX_SPREAD_RATIO < 1.0:
        extra = "" if abs(correlation) >= _LINEAR else ", and not evenly"
        factor = f"{1.0 / spread:.1f}".removesuffix(".0")
        return (
            f"Contrast divided by {factor}",
            f"Normalised twice: the contrast that reaches the first convolution is divided by "
            f"{factor}{extra}, {_UNRELIABLE}",
        )
    if correlation <= -_MIN_CORRELATION:
        return "Negative", f"Dark and bright are exchanged, {_UNRELIABLE}"
    if spread > _MAX_SPREAD_RATIO:
        return (
            f"Contrast multiplied by {spread:.0f}",
            f"A scaling step is missing: the contrast that reaches the first convolution is "
            f"multiplied by {spread:.0f}, {_UNRELIABLE}",
        )
    if abs(shift) > _MAX_SHIFT:
        direction = "darker" if shift < 0.0 else "brighter"
        return (
            f"Shifted {direction}",
            f"All values are shifted {direction} by {abs(shift):.0%} of the training range, "
            f"{_UNRELIABLE}",
        )
    return "Another image", f"What arrives hardly resembles the radiograph, {_NOTHING}"


def _uniform(shift: float, coverage: float) -> ContractReport:
    if abs(shift) <= _SAME_OFFSET:
        return ContractReport(
            "matches", None, None, None, coverage,
            "Fits training",
            "The image is uniform: its one value arrives as in training, but there is nothing to "
            "see in it.",
        )  # fmt: skip
    return ContractReport(
        "mismatch", None, None, None, coverage,
        "Shifted",
        f"The image is uniform and its one value is shifted by {abs(shift):.0%} of the training "
        f"range, {_NOTHING}.",
    )  # fmt: skip
