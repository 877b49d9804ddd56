"""How far the figure beside a class can be believed, in a sentence or two."""

from xray_app.cards.card import ModelCard
from xray_app.core.records import Prediction
from xray_app.diagnosis.diagnosis import Diagnosis

_UNCALIBRATED = "The model's own figure, not calibrated: read it as an order, not as a chance."


def certainty(card: ModelCard, diagnosis: Diagnosis) -> str:
    """Say whether the shown figure is calibrated, and what the model's own figure is."""
    prediction = diagnosis.prediction
    raw = prediction.raw_probabilities
    if raw is None:
        return _UNCALIBRATED
    own = int(raw.argmax())
    name = card.label(prediction.classes[own])
    sentences = [
        f"Calibrated on validation images; the model's own figure is {name} {raw[own]:.2f}."
    ]
    if card.threshold is not None:
        sentences.append(_against_threshold(card, card.threshold.value, prediction))
    if diagnosis.scheme != diagnosis.trained_scheme:
        sentences.append(f"The calibration holds for `{diagnosis.trained_scheme}` only.")
    return " ".join(sentences)


def _against_threshold(card: ModelCard, threshold: float, prediction: Prediction) -> str:
    positive = 1.0 - float(prediction.probabilities[0])
    negative = card.classes[0]
    said = f"ny class but {negative.label.lower()}: {positive:.2f}"
    if prediction.predicted == negative.name and positive >= threshold:
        return f"Not ruled out, a{said}, over the threshold of {threshold:.2f}."
    side = "over" if positive >= threshold else "under"
    return f"A{said}, {side} the threshold of {threshold:.2f}."
