"""Fit the gate's two questions to channel statistics."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from xray_app.core import KINDS, FloatArray, GateRule, InputError, Limit
from xray_app.gate import distances, kind_logits, log_odds

# Fraction of the images of a kind that must be near enough to be called so.
_REACH = 0.995


def fit_rule(
    layer: str,
    known: FloatArray,
    statistics: FloatArray,
    kinds: NDArray[np.int64],
    validation: FloatArray,
    *,
    parts: int,
    ridge: float,
    false_alarms: float,
) -> GateRule:
    """Fit everything; each of the two scores may close the gate to half of ``false_alarms``.

    Args:
        layer: whose statistics these are.
        known: (N, D) of the training images as they are; the distance is measured from these.
        statistics: (M, D) of images of every kind, for the logistic regression.
        kinds: (M,) positions in ``KINDS``.
        validation: (V, D) of other images of the known kind, which set the limits.
        parts: principal components to keep.
        ridge: weight of the squared weights beside the mean log-loss.
        false_alarms: fraction of the validation images that may be stopped at most.

    The log-odds close the gate where another kind is likelier than the known one (above 0), or
    later if more validation images than allowed would be stopped.
    """
    mean, deviation = known.mean(axis=0), np.maximum(known.std(axis=0), 1e-6)
    components, variances, remainder = principal_parts((known - mean) / deviation, parts)
    weights, bias = fit_logistic((statistics - mean) / deviation, kinds, len(KINDS), ridge)
    # The file stores the components half as precisely; the limits are set with what it stores.
    components = components.astype(np.float16).astype(np.float32)
    no_limit = Limit(np.inf, 1.0)
    rule = GateRule(
        layer, mean, deviation, weights, bias, components, variances, remainder, no_limit, no_limit,
        reach=np.full(len(KINDS), np.inf, np.float32),
    )  # fmt: skip
    of_all = distances(rule, statistics)
    reach = [np.quantile(of_all[kinds == kind], _REACH) for kind in range(len(KINDS))]
    odds = limit_of(log_odds(kind_logits(rule, validation)), false_alarms / 2)
    far = limit_of(distances(rule, validation), false_alarms / 2)
    return replace(
        rule,
        log_odds=replace(odds, limit=max(0.0, odds.limit)),
        distance=far,
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


def fit_logistic(
    x: FloatArray, kinds: NDArray[np.int64], count: int, ridge: float
) -> tuple[FloatArray, FloatArray]:
    """Multinomial logistic regression by L-BFGS: (K, D) weights and (K,) bias.

    Minimises the mean log-loss, in which every kind weighs as much as every other, plus ``ridge``
    times the sum of squared weights.
    """
    from scipy.optimize import minimize

    rows, width = x.shape
    x64 = x.astype(np.float64)
    weight = 1.0 / (count * np.bincount(kinds, minlength=count)[kinds])
    truth = np.eye(count)[kinds]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, bias = flat[: count * width].reshape(count, width), flat[count * width :]
        scores = x64 @ weights.T + bias
        scores -= scores.max(axis=1, keepdims=True)
        log_probability = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        error = (np.exp(log_probability) - truth) * weight[:, np.newaxis]
        gradient = np.concatenate(
            [(error.T @ x64 + 2.0 * ridge * weights).ravel(), error.sum(axis=0)]
        )
        value = -float(weight @ log_probability[np.arange(rows), kinds])
        return value + ridge * float((weights**2).sum()), gradient

    start = np.zeros(count * (width + 1))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 150}).x
    weights = found[: count * width].reshape(count, width)
    return weights.astype(np.float32), found[count * width :].astype(np.float32)


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
