"""Fit the gate's two questions to channel statistics.

The kinds are told apart by linear discriminant functions (Hastie, Tibshirani and Friedman, The
Elements of Statistical Learning, 2nd ed., section 4.3) and not by a logistic regression: what
differs between places of the same kind lies within the kind, and the common covariance within the
kinds takes weight from it. On places left out, a logistic regression did much worse.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from xray_app.core import KINDS, FloatArray, GateRule, InputError, Limit
from xray_app.gate import distances, kind_logits, log_odds

# Fraction of the images of a kind that must be near enough to be called so.
_REACH = 0.995
# Principal components that are kept, and the weight of an even covariance beside the common one.
_PARTS, _SHRINKAGE = 48, 1e-5
# Fractions of the validation images that the log-odds and the distance may stop.
_ODDS_ALARMS, _DISTANCE_ALARMS = 0.015, 0.005
_NEVER = -1e6


def fit_rule(
    layers: tuple[str, ...],
    known: FloatArray,
    statistics: FloatArray,
    kinds: NDArray[np.int64],
    validation: FloatArray,
) -> GateRule:
    """Fit everything; each of the two scores may stop a fixed fraction of the validation images.

    Args:
        layers: whose statistics these are.
        known: (N, D) of the training images as they are; the distance is measured from these.
        statistics: (M, D) of images of every kind, for the discriminant functions.
        kinds: (M,) positions in ``KINDS``.
        validation: (V, D) of other images of the known kind, which set the limits.
    """
    mean, deviation = known.mean(axis=0), np.maximum(known.std(axis=0), 1e-6)
    parts = min(_PARTS, len(known) // 2)
    components, variances, remainder = principal_parts((known - mean) / deviation, parts)
    weights, bias = fit_discriminant((statistics - mean) / deviation, kinds, len(KINDS), _SHRINKAGE)
    # The file stores the components half as precisely; the limits are set with what it stores.
    components = components.astype(np.float16).astype(np.float32)
    no_limit = Limit(np.inf, 1.0)
    rule = GateRule(
        layers=layers,
        mean=mean,
        deviation=deviation,
        weights=weights,
        bias=bias,
        components=components,
        variances=variances,
        remainder=remainder,
        log_odds=no_limit,
        distance=no_limit,
        reach=np.full(len(KINDS), np.inf, np.float32),
    )
    of_all = distances(rule, statistics)
    # Nothing is called of a kind without images.
    reach = [
        np.quantile(of_all[kinds == kind], _REACH) if (kinds == kind).any() else 0.0
        for kind in range(len(KINDS))
    ]
    return replace(
        rule,
        log_odds=limit_of(log_odds(kind_logits(rule, validation)), _ODDS_ALARMS),
        distance=limit_of(distances(rule, validation), _DISTANCE_ALARMS),
        reach=np.array(reach, np.float32),
    )


def principal_parts(standardised: FloatArray, parts: int) -> tuple[FloatArray, FloatArray, float]:
    """Split the covariance of (N, D) into (P, D) components, their variances, and the remainder.

    The remainder is the mean variance along all other directions (Tipping and Bishop 1999, eq. 8).
    """
    covariance = standardised.T.astype(np.float64) @ standardised / len(standardised)
    ascending, vectors = np.linalg.eigh(covariance)
    variances = ascending[::-1].astype(np.float32)
    components = vectors.T[::-1].astype(np.float32)
    left_over = standardised.shape[1] - parts
    remainder = float(variances[parts:].sum() / left_over) if left_over > 0 else 0.0
    return components[:parts], variances[:parts], max(remainder, 1e-6)


def fit_discriminant(
    x: FloatArray, kinds: NDArray[np.int64], count: int, shrinkage: float
) -> tuple[FloatArray, FloatArray]:
    """Linear discriminant functions: (K, D) weights and (K,) bias, equal priors.

    Every kind weighs as much as every other in the common covariance, whatever its number of rows.
    A kind without rows gets a score that is never the highest.

    Args:
        x: (N, D) standardised.
        kinds: (N,) positions below ``count``.
        count: K.
        shrinkage: in [0, 1), how much of the covariance is replaced by its mean variance in every
            direction (Ledoit and Wolf 2004, J. Multivariate Analysis 88, 365).
    """
    present = [kind for kind in range(count) if (kinds == kind).any()]
    means = np.zeros((count, x.shape[1]))
    covariance = np.zeros((x.shape[1],) * 2)
    for kind in present:
        rows = x[kinds == kind].astype(np.float64)
        means[kind] = rows.mean(axis=0)
        apart = rows - means[kind]
        covariance += apart.T @ apart / len(rows) / len(present)
    even = np.eye(len(covariance)) * np.trace(covariance) / len(covariance)
    weights = np.linalg.solve((1.0 - shrinkage) * covariance + shrinkage * even, means.T).T
    bias = -0.5 * (weights * means).sum(axis=1)
    bias[[kind for kind in range(count) if kind not in present]] = _NEVER
    return weights.astype(np.float32), bias.astype(np.float32)


def limit_of(scores: NDArray[np.float64], fraction: float) -> Limit:
    """The limit that at most ``fraction`` of ``scores`` exceed, and their deviation.

    Raises:
        InputError: there is no deviation, as for a single score.
    """
    spread = float(scores.std())
    if not spread > 0.0:
        raise InputError(
            f"Expected two or more validation images whose scores differ, received {len(scores)} "
            "of one score; add others to val/."
        )
    allowed = int(np.floor(fraction * len(scores)))
    return Limit(float(np.sort(scores)[len(scores) - 1 - allowed]), spread)
