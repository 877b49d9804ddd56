"""How sure a figure is: resamples of the patients, and the ends of its 95 % interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xray_app.core.classifier_metrics.arrays import Values


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def rounded(self, decimals: int = 4) -> "Interval":
        """As it is kept in records.

        >>> Interval(1 / 3, 0.0, 2 / 3).rounded()
        Interval(value=0.3333, low=0.0, high=0.6667)
        """
        return Interval(*(round(end, decimals) for end in (self.value, self.low, self.high)))


def once(images: int) -> Values:
    """Count each of N images once, (1, N) float64: the resample that gives the images as they are.

    >>> once(3)
    array([[1., 1., 1.]])
    """
    return np.ones((1, images))


def resample_groups(groups: Sequence[str], count: int, seed: int) -> Values:
    """Draw whole groups with replacement and return how often each image came, (B, N) float64.

    Images of one patient resemble each other; drawing patients keeps the intervals honest about
    that (Davison and Hinkley 1997, section 3.8).

    Args:
        groups: (N,) the patient of each image, at least one.
        count: B, how many resamples.
        seed: the same seed and groups give the same resamples.

    The two images of Ada are drawn together or not at all:

    >>> counts = resample_groups(["Ada", "Ada", "Ben"], count=4, seed=0)
    >>> counts.shape, counts[:, 0].tolist() == counts[:, 1].tolist()
    ((4, 3), True)
    """
    _, index = np.unique(np.asarray(groups), return_inverse=True)
    number = int(index.max()) + 1
    drawn = np.random.default_rng(seed).multinomial(number, np.full(number, 1 / number), count)
    return np.asarray(drawn[:, index], np.float64)


def interval(value: float, drawn: Values) -> Interval:
    """Return the 95 % percentile interval (Efron 1979) of a figure.

    Args:
        value: the figure of the images as they are.
        drawn: (B,) float64, the figure of each resample; those where it is not finite are left out.

    Returns:
        The interval in the figure's unit; both ends are ``value`` if no resample has the figure.

    >>> import numpy as np
    >>> interval(20.0, np.arange(41.0))
    Interval(value=20.0, low=1.0, high=39.0)
    """
    defined = drawn[np.isfinite(drawn)]
    if not defined.size:
        return Interval(value, value, value)
    low, high = np.percentile(defined, (2.5, 97.5))
    return Interval(float(value), float(low), float(high))


def interval_of_fraction(value: float, drawn: Values, groups: Sequence[str]) -> Interval:
    """``interval`` of a fraction of images; exact where all of them agree.

    Resamples of images that are all alike show no spread, of however few patients: there the ends
    are those of ``unanimous_interval``, each group counted once.

    Args:
        value: the fraction; NaN of no images.
        drawn: (B,) float64, the fraction in each resample.
        groups: the patient of each image that the fraction is of.

    >>> import numpy as np
    >>> interval_of_fraction(1.0, np.ones(1000), ["Ada", "Ada", "Ben", "Cleo"])
    Interval(value=1.0, low=0.2924, high=1.0)
    """
    if value in (0.0, 1.0):
        return unanimous_interval(value == 1.0, len(set(groups)))
    return interval(value, drawn)


def mean_interval(values: Values, groups: Sequence[str], resamples: int = 1000) -> Interval:
    """The mean with its 95 % interval over whole groups, to four decimals.

    Args:
        values: (N,) float64, at least one.
        groups: (N,) the patient of each.
        resamples: B; the draws are those of ``resample_groups`` with seed 0.

    >>> mean_interval(np.array([0.25, 0.25, 0.75]), ["Ada", "Ada", "Ada"])
    Interval(value=0.4167, low=0.4167, high=0.4167)
    """
    counts = resample_groups(groups, resamples, seed=0)
    return interval(float(values.mean()), (counts @ values) / counts.sum(axis=1)).rounded()


def fraction_interval(
    flags: Values, groups: Sequence[str], resamples: int = 1000, seed: int = 0
) -> Interval:
    """How many of 0 and 1 are 1, with the 95 % interval over whole groups, to four decimals.

    The ends are those of ``interval_of_fraction``.

    Args:
        flags: (N,) float64, 0 or 1, at least one.
        groups: (N,) the patient of each.
        resamples: B.
        seed: of the draws.

    >>> fraction_interval(np.zeros(10), list("abcdefghij"))
    Interval(value=0.0, low=0.0, high=0.3085)
    """
    counts = resample_groups(groups, resamples, seed)
    drawn = (counts @ flags) / counts.sum(axis=1)
    return interval_of_fraction(float(flags.mean()), drawn, groups).rounded()


def unanimous_interval(is_one: bool, number: int) -> Interval:
    """A fraction of 1, or of 0, with its exact 95 % interval (Clopper and Pearson 1934).

    The end is the fraction at which so many agree with a chance of 2.5 %; to four decimals. Of any
    other count the ends need SciPy, which this room does without (``evaluation.repeatability``).

    Args:
        is_one: whether all of them are, or none.
        number: how many there are, at least one; they must not depend on each other.

    >>> unanimous_interval(True, 60)
    Interval(value=1.0, low=0.9404, high=1.0)
    """
    end = 0.025 ** (1.0 / number)
    found = Interval(1.0, end, 1.0) if is_one else Interval(0.0, 0.0, 1.0 - end)
    return found.rounded()


def wilson_interval(fraction: float, images: int) -> tuple[float, float]:
    """The ends of a fraction's 95 % interval (Wilson 1927); (0, 1) of no images.

    >>> [round(end, 3) for end in wilson_interval(0.5, 100)]
    [0.404, 0.596]
    """
    if images == 0:
        return 0.0, 1.0
    z = 1.959964
    middle = (fraction + z * z / (2 * images)) / (1 + z * z / images)
    root = (fraction * (1 - fraction) / images + (z / (2 * images)) ** 2) ** 0.5
    half = z * root / (1 + z * z / images)
    return middle - half, middle + half
