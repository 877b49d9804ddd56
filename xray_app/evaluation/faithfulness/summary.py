"""The figures of one layer's maps over all images, with their intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from xray_app.core import Interval, Values, mean_interval
from xray_app.evaluation.faithfulness.baselines import BASELINES, MEAN, RANDOM
from xray_app.explain import EXPLANATIONS, INPUT, InputExplanation, mean_of

_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """One map's figures, means over the images with 95 % bootstrap intervals over patients.

    Attributes:
        method: a key of ``EXPLANATIONS`` or of ``BASELINES``.
        layer: whose cells it has.
        images: how many it was judged on; fewer for a slow method.
        deletion: area under the model's own probability while places are blurred; low is faithful.
        insertion: area under it while they are restored; high is faithful.
        cover: probability lost when the map's top 15 % is covered; high is faithful.
        deletion_gain, insertion_gain: how far it is better than the random map, image by image.
        cover_over_mean, deletion_over_mean, insertion_over_mean: how far it is better than the mean
            map of the training images; None where there is none.
        outside: fraction of its positive evidence outside the body; None if all maps are empty.
        randomized: rank correlation with the map after the last layer's weights were shuffled;
            near 0 is as it should be. None for a baseline, and for a slow method: see the cascade.
    """

    method: str
    layer: str
    images: int
    deletion: Interval
    insertion: Interval
    cover: Interval
    deletion_gain: Interval
    insertion_gain: Interval
    cover_over_mean: Interval | None
    deletion_over_mean: Interval | None
    insertion_over_mean: Interval | None
    outside: Interval | None
    randomized: float | None

    @property
    def beats_random(self) -> bool:
        """Whether both curves are better than the random map's, beyond their intervals."""
        return self.deletion_gain.low > 0.0 and self.insertion_gain.low > 0.0

    @property
    def beats_mean(self) -> bool | None:
        """Whether covering its places costs more than covering the mean map's, beyond chance."""
        return self.cover_over_mean.low > 0.0 if self.cover_over_mean else None


class Measured(NamedTuple):
    """What was measured of one map of one image.

    Attributes:
        place: of the image in its split.
        deletion, insertion, cover: as in ``Faithfulness``.
        outside: fraction of the positive evidence outside the body; NaN if the map is empty.
    """

    place: int
    deletion: float
    insertion: float
    cover: float
    outside: float


@dataclass(frozen=True, slots=True)
class Rows:
    """What was measured of one layer so far, by method; ``sanity`` are rank correlations."""

    figures: dict[str, list[Measured]] = field(default_factory=dict)
    sanity: dict[str, list[float]] = field(default_factory=dict)


class _Columns(NamedTuple):
    """The fields of ``Measured`` over (N,) images."""

    place: Values
    deletion: Values
    insertion: Values
    cover: Values
    outside: Values

    def at(self, places: Values) -> "_Columns":
        """Of the images at these places alone."""
        same = np.isin(self.place, places)
        return _Columns(*(column[same] for column in self))


def summary(layer: str, rows: Rows, patients: Sequence[str]) -> tuple[Faithfulness, ...]:
    """The means of one layer's maps, explanations first.

    Args:
        layer: whose maps they are.
        rows: of every image and method.
        patients: whose each image is, by its place.
    """
    columns = {
        method: _Columns(*np.array(rows.figures[method]).T)
        for method in (*EXPLANATIONS, *BASELINES)
        if method in rows.figures
    }
    return tuple(
        _judged(method, layer, columns, patients, mean_of(rows.sanity.get(method, [])))
        for method in columns
    )


def _judged(
    method: str,
    layer: str,
    columns: Mapping[str, _Columns],
    patients: Sequence[str],
    randomized: float | None,
) -> Faithfulness:
    found = columns[method]
    random = columns[RANDOM].at(found.place)
    mean = columns[MEAN].at(found.place) if MEAN in columns else None
    whose = [patients[int(place)] for place in found.place]

    def over(values: Values) -> Interval:
        return mean_interval(values, whose, _RESAMPLES)

    return Faithfulness(
        method=method,
        layer=_looked_at(method, layer),
        images=len(whose),
        deletion=over(found.deletion),
        insertion=over(found.insertion),
        cover=over(found.cover),
        deletion_gain=over(random.deletion - found.deletion),
        insertion_gain=over(found.insertion - random.insertion),
        cover_over_mean=None if mean is None else over(found.cover - mean.cover),
        deletion_over_mean=None if mean is None else over(mean.deletion - found.deletion),
        insertion_over_mean=None if mean is None else over(found.insertion - mean.insertion),
        outside=_outside(found.outside, whose),
        randomized=randomized,
    )


def _outside(fractions: Values, whose: Sequence[str]) -> Interval | None:
    """Over the maps that are not empty; None if all are."""
    seen = ~np.isnan(fractions)
    if not seen.any():
        return None
    patients = [patient for patient, s in zip(whose, seen, strict=True) if s]
    return mean_interval(fractions[seen], patients, _RESAMPLES)


def _looked_at(method: str, layer: str) -> str:
    chosen = EXPLANATIONS.get(method)
    by_input = isinstance(chosen, InputExplanation) and not chosen.uses_last_layer
    return INPUT if by_input else layer
