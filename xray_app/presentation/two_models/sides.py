"""The two models by letter, and the label of what one of them predicts."""

from xray_app.diagnosis import Diagnosis, ModelSide

LETTERS = ("A", "B")
Sides = tuple[ModelSide, ModelSide]


def label_of(side: ModelSide, result: Diagnosis) -> str:
    """The label of the predicted class."""
    return side.card.label(result.prediction.predicted)
