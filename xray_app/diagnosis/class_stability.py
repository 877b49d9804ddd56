"""Would the model say the same of the same image, changed in ways that mean nothing?"""

from dataclasses import dataclass

import numpy as np

from xray_app.cards import ModelCard, model_inputs
from xray_app.core import FloatArray
from xray_app.core.images import MEANINGLESS
from xray_app.diagnosis.prediction import calibrate_logits, check_logits
from xray_app.engines import Engine


@dataclass(frozen=True, slots=True)
class Version:
    """One change: what the model calls the changed image.

    Attributes:
        probability: of the class that the unchanged image gets.
        flips: whether another class is called.
    """

    change: str
    predicted: str
    probability: float
    flips: bool


@dataclass(frozen=True, slots=True)
class ClassStability:
    """The class of an image fed as trained, its probability, and the changed versions."""

    predicted: str
    probability: float
    versions: tuple[Version, ...]

    @property
    def flips(self) -> tuple[Version, ...]:
        """The versions that get another class."""
        return tuple(version for version in self.versions if version.flips)


def class_stability(
    engine: Engine, display: FloatArray, card: ModelCard | None = None
) -> ClassStability:
    """Feed an image and its changed versions as trained.

    Args:
        engine: any engine.
        display: (H, W) float32 in [0, 1] at the model's size.
        card: with the calibration that counts, where it is not the engine's.

    Raises:
        EngineError: the model failed, or gave no finite number.
    """
    images = [display, *(change(display) for change in MEANINGLESS.values())]
    logits = engine.forward(model_inputs(engine.card, images)).logits
    check_logits(engine.card, logits)
    probabilities = calibrate_logits(card or engine.card, logits)
    classes, names = probabilities.argmax(axis=1), engine.card.class_names
    shown = int(classes[0])
    return ClassStability(
        names[shown],
        float(probabilities[0, shown]),
        tuple(
            Version(change, names[int(c)], float(p), bool(c != shown))
            for change, c, p in zip(
                MEANINGLESS, classes[1:], np.asarray(probabilities[1:, shown]), strict=True
            )
        ),
    )
