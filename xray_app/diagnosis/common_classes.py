"""What two models' answers have in common: which classes, and whether they can be set side by side.

A probability is one among a model's own classes. Of another class it is another thing, and of the
same class among others it is a share of something else.
"""

from dataclasses import dataclass
from typing import Literal

from xray_app.cards import ModelCard
from xray_app.core import Prediction, positive_probability

# What models call an image without what they look for.
_HEALTHY = ("normal", "healthy", "negative")  # or what begins so: "normal_chest_x_ray"
_WITHOUT = "no_"  # what begins so: "no_finding", "no_pneumonia"
# What one of two classes is called: "non_tb", "covid_19_negative". Among three, "non_covid" may be
# another pneumonia.
_NOT, _NEGATIVE = "non_", "_negative"
# All classes are the same; only "normal or not" is asked by both; some class or none is common; or
# the classes of one have no names.
Question = Literal["classes", "normal", "some", "none", "unnamed"]


@dataclass(frozen=True, slots=True)
class CommonClasses:
    """What can be asked of both.

    Attributes:
        names: classes of the first that the second has, too, in the first's order.
        healthy: what each calls an image without what it looks for; None where one has no such.
        figures: whether a probability of the one may be set beside that of the other: the same
            classes, which exclude each other in both or in neither, both calibrated or both not.
    """

    question: Question
    names: tuple[str, ...]
    healthy: tuple[str, str] | None
    figures: bool


def healthy_class(card: ModelCard) -> str | None:
    """The class of an image without what the model looks for; None if none is named so."""
    names = card.class_names
    tests = (_is_healthy, _is_without) if len(names) > 2 else (_is_healthy, _is_without, _is_not)
    return next((name for test in tests for name in names if test(name)), None)


def _is_healthy(name: str) -> bool:
    return name.split("_", maxsplit=1)[0] in _HEALTHY


def _is_without(name: str) -> bool:
    return name.startswith(_WITHOUT)


def _is_not(name: str) -> bool:
    return name.startswith(_NOT) or name.endswith(_NEGATIVE)


def common_classes(first: ModelCard, second: ModelCard) -> CommonClasses:
    """Find what can be asked of both."""
    if not (_is_named(first) and _is_named(second)):
        return CommonClasses("unnamed", (), None, False)
    names = tuple(name for name in first.class_names if name in second.class_names)
    pair = healthy_class(first), healthy_class(second)
    healthy = (pair[0], pair[1]) if pair[0] is not None and pair[1] is not None else None
    same = set(first.class_names) == set(second.class_names)
    alike = first.outputs == second.outputs and (first.calibration is None) == (
        second.calibration is None
    )
    question: Question = "none"
    if same:
        question = "classes"
    elif healthy is not None:
        question = "normal"
    elif names:
        question = "some"
    return CommonClasses(question, names, healthy, same and alike)


def _is_named(card: ModelCard) -> bool:
    return card.brought is None or card.brought.named


def is_diseased(card: ModelCard, prediction: Prediction) -> bool | None:
    """Whether the model says "not normal"; None where it has no such class, or is undecided.

    It is undecided where the most probable class says one thing and the card's threshold another,
    which is one of any class but the first, so of this question only if that is the healthy one;
    where each class has a probability of its own, unless the healthy class or others are over one
    half, and not both.
    """
    healthy = healthy_class(card)
    if healthy is None:
        return None
    if card.outputs == "sigmoid":
        over = classes_over_half(prediction)
        return None if not over or (healthy in over and len(over) > 1) else over != (healthy,)
    other = prediction.predicted != healthy
    if card.threshold is None or healthy != card.class_names[0]:
        return other
    positive = float(positive_probability(prediction.probabilities))
    return other if (positive >= card.threshold.value) == other else None


def classes_over_half(prediction: Prediction) -> tuple[str, ...]:
    """The classes whose probability is over one half, in the model's order.

    >>> import numpy as np
    >>> values = np.array([0.5, 0.8, 0.6], np.float32)
    >>> classes_over_half(Prediction(("a", "b", "c"), values, values))
    ('b', 'c')
    """
    pairs = zip(prediction.classes, prediction.probabilities, strict=True)
    return tuple(name for name, value in pairs if value > 0.5)
