"""Fit temperatures and threshold to labelled validation images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xray_app.core import CALIBRATIONS, Flags, InputError, Labels, Values, softmax

_FOLDS = 10


@dataclass(frozen=True, slots=True)
class Fit:
    """Temperatures of a method and its cross-validated log loss."""

    method: str
    temperatures: tuple[float, ...]
    log_loss: float


def log_loss(probabilities: Values, labels: Labels) -> float:
    """Mean negative logarithm of the probability of the truth."""
    true = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(true, 1e-12)).mean())


def fit_temperatures(method: str, logits: Values, labels: Labels) -> tuple[float, ...]:
    """Temperatures that minimise the log loss (Guo et al. 2017, section 4.2)."""
    from scipy.optimize import minimize

    chosen = CALIBRATIONS[method]

    def loss(logarithms: Values) -> float:
        return log_loss(chosen.apply(logits, tuple(np.exp(logarithms))), labels)

    found = minimize(
        loss, np.zeros(chosen.count), method="L-BFGS-B", bounds=[(-4.0, 4.0)] * chosen.count
    )
    return tuple(float(t) for t in np.exp(found.x))


def compare_methods(logits: Values, labels: Labels, patients: Sequence[str]) -> tuple[Fit, ...]:
    """Fit every method and judge it on patients that it was not fitted on, in ten folds.

    Args:
        logits: (N, K) on validation images.
        labels: (N,).
        patients: (N,) the patient of each image; all images of one are in one fold.

    Returns:
        Without calibration (method "none") first, then the methods.

    Raises:
        InputError: all images are of one patient, so that there is no other to judge on.
    """
    names, index = np.unique(np.asarray(patients), return_inverse=True)
    if len(names) < 2:
        raise InputError(
            "Expected images of at least two patients in val/, received those of one; add others."
        )
    folds = (np.random.default_rng(0).permutation(len(names)) % _FOLDS)[index]
    raw = Fit("none", (), log_loss(softmax(logits), labels))
    return (raw, *(_cross_validated(name, logits, labels, folds) for name in CALIBRATIONS))


def choose_threshold(scores: Values, positive: Flags) -> float:
    """The threshold with the largest sensitivity + specificity - 1 (Youden 1950).

    It lies halfway between two neighbouring scores; of equals the one in the widest gap is taken.

    Args:
        scores: (N,) in [0, 1], higher for positive.
        positive: (N,) the truth; both classes must occur.

    Raises:
        InputError: all scores are equal, so that nothing lies between two.
    """
    ordered = np.unique(scores)
    if len(ordered) < 2:
        raise InputError(
            "Expected scores between which a threshold can lie, received the same for all images; "
            "use a model that tells them apart."
        )
    middles = (ordered[1:] + ordered[:-1]) / 2
    called = scores[np.newaxis] >= middles[:, np.newaxis]
    youden = called[:, positive].mean(axis=1) - called[:, ~positive].mean(axis=1)
    best = np.isclose(youden, youden.max())
    return float(middles[np.argmax(np.where(best, np.diff(ordered), -1.0))])


def _cross_validated(method: str, logits: Values, labels: Labels, folds: Labels) -> Fit:
    probabilities = np.empty_like(logits)
    for fold in np.unique(folds):
        out = folds == fold
        temperatures = fit_temperatures(method, logits[~out], labels[~out])
        probabilities[out] = CALIBRATIONS[method].apply(logits[out], temperatures)
    return Fit(method, fit_temperatures(method, logits, labels), log_loss(probabilities, labels))
