"""From a model's logits to the prediction that is shown: calibrated where the card says how."""

import numpy as np

from xray_app.cards import ModelCard
from xray_app.core import (
    CALIBRATIONS,
    EngineError,
    FloatArray,
    Prediction,
    Values,
    likely_classes,
    sigmoid,
    softmax,
)


def calibrate_logits(card: ModelCard, logits: FloatArray | Values) -> Values:
    """(N, K) logits to (N, K) probabilities, calibrated if the card has a calibration."""
    wide = np.asarray(logits, np.float64)
    if card.calibration is None:
        return sigmoid(wide) if card.outputs == "sigmoid" else softmax(wide)
    method = CALIBRATIONS[card.calibration.method]
    return method.apply(wide, card.calibration.temperatures)


def check_logits(card: ModelCard, logits: FloatArray | Values) -> None:
    """Check that logits (..., K) say something: of NaN, the first class would be the predicted one.

    Raises:
        EngineError: they are not all finite.
    """
    if not np.isfinite(logits).all():
        raise EngineError(
            f"Expected a finite number for each class, received NaN or infinity from the model "
            f"{card.name}; choose another scheme, or check its weights."
        )


def predict(card: ModelCard, logits: FloatArray) -> Prediction:
    """The prediction of one image from the engine's logits (K,).

    Raises:
        EngineError: they are not all finite.
    """
    check_logits(card, logits)
    probabilities = sigmoid(logits) if card.outputs == "sigmoid" else softmax(logits)
    if card.calibration is None:
        return Prediction(
            card.class_names, logits, probabilities, likely=_likely(card, probabilities)
        )
    calibrated = calibrate_logits(card, logits[np.newaxis])[0].astype(np.float32)
    return Prediction(
        card.class_names, logits, calibrated, probabilities, _likely(card, calibrated)
    )


def _likely(card: ModelCard, probabilities: FloatArray) -> tuple[str, ...] | None:
    if card.conformal is None:
        return None
    inside = likely_classes(probabilities, card.conformal.quantile)
    return tuple(n for n, among in zip(card.class_names, inside, strict=True) if among)
