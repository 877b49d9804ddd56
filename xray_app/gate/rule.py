"""The gate: may this image be given to this model at all?

It reads per-channel means and standard deviations of some layers, (N, D), of the image fed as
trained, and asks two questions that complement one another:

- Which of the kinds that it was shown is this? Linear discriminant functions give the log-odds of
  all unsupported kinds together against the known kind (Hastie, Tibshirani and Friedman, The
  Elements of Statistical Learning, 2nd ed., eq. 4.10).
- How far is it from everything the model was trained on? A Mahalanobis distance (Lee et al. 2018,
  eq. 2) whose covariance is a few principal components and an even remainder (Tipping and Bishop
  1999, eq. 6), so that what nobody thought of stops, too.
"""

import numpy as np
from numpy.typing import NDArray

from xray_app.core import Finding, FloatArray, GateReport, GateRule, softmax

Scores = NDArray[np.float64]


def channel_statistics(activations: FloatArray) -> FloatArray:
    """Return each channel's mean, then its (population) standard deviation, over the cells.

    Args:
        activations: (N, h, w, C) float32.

    Returns:
        (N, 2 C) float32.

    >>> import numpy as np
    >>> channel_statistics(np.array([[[[1.0], [3.0]]]]))
    array([[2., 1.]])
    """
    return np.concatenate([activations.mean(axis=(1, 2)), activations.std(axis=(1, 2))], axis=1)


def standardised(rule: GateRule, statistics: FloatArray) -> Scores:
    """Return (N, D) statistics less the training images' mean, in their standard deviations.

    >>> import numpy as np
    >>> from types import SimpleNamespace
    >>> rule = SimpleNamespace(mean=1.0, deviation=2.0)  # all of a GateRule that it needs
    >>> standardised(rule, np.array([[1.0, 5.0]]))
    array([[0., 2.]])
    """
    return (statistics.astype(np.float64) - rule.mean) / rule.deviation


def kind_logits(rule: GateRule, statistics: FloatArray) -> Scores:
    """Return (N, K) scores of the kinds for (N, D) statistics; their softmax is the probabilities.

    >>> import numpy as np
    >>> from types import SimpleNamespace
    >>> rule = SimpleNamespace(mean=0.0, deviation=1.0, weights=np.eye(3, 2), bias=np.zeros(3))
    >>> kind_logits(rule, np.array([[3.0, 4.0]]))
    array([[3., 4., 0.]])
    """
    return np.asarray(standardised(rule, statistics) @ rule.weights.T + rule.bias)


def log_odds(scores: Scores) -> Scores:
    """Return (N,) log-odds of all unsupported kinds together against the known one, from (N, K).

    The odds are 6 to 2:

    >>> import numpy as np
    >>> np.exp(log_odds(np.log([[2.0, 1.0, 1.0, 1.0, 1.0, 2.0]]))).round(6)
    array([3.])
    """
    others = scores[:, 1:]
    top = others.max(axis=1)
    together = top + np.log(np.exp(others - top[:, np.newaxis]).sum(axis=1))
    return np.asarray(together - scores[:, 0])


def distances(rule: GateRule, statistics: FloatArray) -> Scores:
    """Return (N,) Mahalanobis distances of (N, D) statistics from the training images.

    They are divided by the root of D, so they are about 1 for a training image.

    >>> import numpy as np
    >>> from types import SimpleNamespace
    >>> spread = {"components": np.eye(1, 2), "variances": np.array([4.0]), "remainder": 1.0}
    >>> rule = SimpleNamespace(mean=0.0, deviation=1.0, **spread)
    >>> distances(rule, np.array([[2.0, 1.0]]))  # the root of (2**2 / 4 + 1**2 / 1) / 2
    array([1.])
    """
    z = standardised(rule, statistics)
    along = z @ rule.components.T
    across = (z**2).sum(axis=1) - (along**2).sum(axis=1)
    squared = (along**2 / rule.variances).sum(axis=1) + np.maximum(across, 0.0) / rule.remainder
    return np.asarray(np.sqrt(squared / z.shape[1]))


def margins(rule: GateRule, statistics: FloatArray) -> Scores:
    """Return (N,) scores that decide on (N, D) statistics: above 0 the gate is closed.

    Log-odds of 1 - 2 are half a spread within their limit, a distance of 1 is two beyond its own:

    >>> import numpy as np
    >>> zero, one, bias = np.zeros(2), np.ones(2), np.array([0.0, 0.0] + 5 * [-99.0])
    >>> rule = GateRule(("conv",), zero, one, np.eye(7, 2), bias, np.eye(1, 2), 4 * one[:1], 1.0,
    ...                 Limit(0.0, 2.0), Limit(0.5, 0.25), np.ones(7))
    >>> margins(rule, np.array([[2.0, 1.0]]))
    array([2.])
    """
    odds = log_odds(kind_logits(rule, statistics))
    return _margin(rule, odds, distances(rule, statistics))


def judge_statistics(
    rule: GateRule, statistics: FloatArray, population: str
) -> tuple[GateReport, ...]:
    """Judge each of N images by its statistics.

    Args:
        rule: what the gate knows.
        statistics: (N, D) float32 of ``rule.layers``, of images fed as trained.
        population: whom the model was trained on, for the sentence.

    >>> import numpy as np
    >>> zero, one, bias = np.zeros(2), np.ones(2), np.array([0.0, 0.0] + 5 * [-99.0])
    >>> rule = GateRule(("conv",), zero, one, np.eye(7, 2), bias, np.eye(1, 2), 4 * one[:1], 1.0,
    ...                 Limit(0.0, 2.0), Limit(0.5, 0.25), np.ones(7))
    >>> far, near = judge_statistics(rule, np.array([[2.0, 1.0], [0.0, 0.0]]), "children")
    >>> far.finding, near.finding
    ('unlike', 'known')
    """
    scores = kind_logits(rule, statistics)
    odds, far = log_odds(scores), distances(rule, statistics)
    reports = []
    for row, o, d, m in zip(scores, odds, far, _margin(rule, odds, far), strict=True):
        finding = _finding(rule, row, o, d, m)
        reports.append(
            GateReport(
                "open" if finding == "known" else "closed",
                finding,
                _reason(rule, finding).format(population=population, other=rule.other),
                dict(zip(rule.kinds, softmax(row).tolist(), strict=True)),
                float(o),
                float(d),
                float(m),
            )
        )
    return tuple(reports)


def _margin(rule: GateRule, odds: Scores, far: Scores) -> Scores:
    beyond_odds = (odds - rule.log_odds.limit) / rule.log_odds.spread
    beyond_distance = (far - rule.distance.limit) / rule.distance.spread
    return np.asarray(np.maximum(beyond_odds, beyond_distance))


def _finding(rule: GateRule, row: Scores, odds: float, distance: float, margin: float) -> Finding:
    if margin <= 0.0:
        return "known"
    if odds <= rule.log_odds.limit:
        return "unlike"
    likeliest = 1 + int(np.argmax(row[1:]))
    return rule.kinds[likeliest] if distance <= rule.reach[likeliest] else "no_chest"


def _reason(rule: GateRule, finding: Finding) -> str:
    return _KNOWN_SURELY if finding == "known" and rule.tells_sources else _REASONS[finding]


_KNOWN_SURELY = "This looks like what the model was trained on: {population}."
_REASONS: dict[Finding, str] = {
    "known": "This is not told apart from what the model was trained on: {population}.",
    "no_chest": "This does not look like a frontal chest radiograph.",
    "negative": "This looks like a photographic negative: bone should be bright and air dark.",
    "upside_down": "This looks like a chest radiograph upside down.",
    "sideways": "This looks like a chest radiograph on its side.",
    "other_population": "This looks like {other}. The model knows: {population}.",
    "older_child": "This looks like the chest of an older child. The model knows: {population}.",
    "unlike": "This is unlike anything that the model was trained on: {population}.",
}
