"""Fit temperatures and threshold to labelled validation images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xray_app.core import CALIBRATIONS, Flags, InputError, Labels, Values, softmax

_FOLDS = 10
NOISY = "noisy_labels"
_AS_GOOD = 2.0  # standard errors within which a fit is as good as the best


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Temperatures of a method and its cross-validated log loss.

    Attributes:
        losses: (N,) of each validation image; their mean is ``log_loss``.
        noise: fractions of wrong labels, the second class called the third and the other way round.
    """

    method: str
    temperatures: tuple[float, ...]
    losses: Values
    noise: tuple[float, ...] = ()

    @property
    def log_loss(self) -> float:
        """Mean of the losses."""
        return float(self.losses.mean())


def log_loss(probabilities: Values, labels: Labels) -> float:
    """Mean negative logarithm of the probability of the truth."""
    return float(_losses(probabilities, labels).mean())


def _losses(probabilities: Values, labels: Labels) -> Values:
    true = probabilities[np.arange(len(labels)), labels]
    return np.asarray(-np.log(np.maximum(true, 1e-12)), np.float64)


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
    raw = Fit("none", (), _losses(softmax(logits), labels))
    found = [raw, *(_cross_validated(name, logits, labels, folds) for name in CALIBRATIONS)]
    if logits.shape[1] == 3:
        found.append(_noisy_cross_validated(logits, labels, folds))
    return tuple(found)


def choose_fit(fits: Sequence[Fit]) -> Fit:
    """The fit with the lowest loss, or the noise-aware one if it is within two standard errors.

    Wrong labels look like a model that is too sure, and flatten its probabilities where they are
    right; a fit that accounts for them is preferred unless the validation images speak against it.
    """
    best = min(fits, key=lambda fit: fit.log_loss)
    noisy = next((fit for fit in fits if fit.method == NOISY), None)
    if noisy is None:
        return best
    worse = noisy.losses - best.losses
    error = float(worse.std()) / len(worse) ** 0.5
    return noisy if float(worse.mean()) <= _AS_GOOD * error else best


def with_noise(probabilities: Values, noise: tuple[float, ...]) -> Values:
    """(N, 3) probabilities of the labels as they are written, of those of the true classes.

    The first class is never confused; ``noise`` are the fractions of the second that are called the
    third, and the other way round (the label transition matrix of Penso et al. 2024, IEEE TMI 43,
    2050, for two kinds).

    >>> import numpy as np
    >>> with_noise(np.array([[0.0, 1.0, 0.0]]), (0.1, 0.2)).tolist()
    [[0.0, 0.9, 0.1]]
    """
    to_third, to_second = noise
    first, second, third = probabilities.T
    written = (
        first,
        second * (1.0 - to_third) + third * to_second,
        third * (1.0 - to_second) + second * to_third,
    )
    return np.stack(written, axis=1)


def fit_noisy(logits: Values, labels: Labels) -> tuple[float, float, float]:
    """One temperature and two rates of wrong labels, by maximum likelihood.

    Args:
        logits: (N, 3) on validation images.
        labels: (N,) as they are written.

    Returns:
        The temperature, and the rates in [0, 0.5].
    """
    from scipy.optimize import minimize

    def loss(values: Values) -> float:
        probabilities = softmax(logits / np.exp(values[0]))
        return log_loss(with_noise(probabilities, (values[1], values[2])), labels)

    found = minimize(
        loss, np.array([0.0, 0.05, 0.05]), method="L-BFGS-B",
        bounds=[(-4.0, 4.0), (0.0, 0.5), (0.0, 0.5)],
    ).x  # fmt: skip
    return float(np.exp(found[0])), float(found[1]), float(found[2])


def _noisy_cross_validated(logits: Values, labels: Labels, folds: Labels) -> Fit:
    probabilities = np.empty_like(logits)
    for fold in np.unique(folds):
        out = folds == fold
        temperature, *noise = fit_noisy(logits[~out], labels[~out])
        probabilities[out] = with_noise(softmax(logits[out] / temperature), tuple(noise))
    temperature, *noise = fit_noisy(logits, labels)
    return Fit(NOISY, (temperature,), _losses(probabilities, labels), tuple(noise))


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
    return Fit(method, fit_temperatures(method, logits, labels), _losses(probabilities, labels))
