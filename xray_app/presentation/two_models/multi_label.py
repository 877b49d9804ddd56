"""What is said where a model judges each class by itself: classes over one half, or the highest."""

from collections.abc import Sequence

from xray_app.core.text import listed
from xray_app.diagnosis import Diagnosis, ModelSide, classes_over_half, healthy_class, is_diseased
from xray_app.presentation.two_models.sides import LETTERS, Sides, label_of


def is_multi_label(side: ModelSide) -> bool:
    """Whether its classes don't exclude each other."""
    return side.card.outputs == "sigmoid"


def multi_label_sentence(sides: Sides, results: Sequence[Diagnosis]) -> str:
    """Say what each names, and of normal or not only what is over one half.

    Args:
        sides: A and B, one of which at least judges each class by itself.
        results: one of each, both of which say something.
    """
    apart = [letter for letter, side in zip(LETTERS, sides, strict=True) if is_multi_label(side)]
    give = "gives" if len(apart) == 1 else "give"
    named = "; ".join(
        f"{letter} {_named(side, result)}"
        for letter, side, result in zip(LETTERS, sides, results, strict=True)
    )
    return (
        f"{listed(apart)} {give} each class a probability of its own, so none rules out another: "
        f"{named}.{_normal_or_not(sides, results)}"
    )


def _named(side: ModelSide, result: Diagnosis) -> str:
    if not is_multi_label(side):
        return f"says {label_of(side, result)}"
    over = classes_over_half(result.prediction)
    if over:
        return f"gives more than 0.5 to {listed([side.card.label(name) for name in over])}"
    return f"gives no class more than 0.5, and the highest to {label_of(side, result)}"


def _normal_or_not(sides: Sides, results: Sequence[Diagnosis]) -> str:
    if any(healthy_class(side.card) is None for side in sides):
        return ""
    words = {True: "says not normal", False: "says normal", None: "is undecided"}
    said = [
        f"{letter} {words[is_diseased(side.card, result.prediction)]}"
        for letter, side, result in zip(LETTERS, sides, results, strict=True)
    ]
    return f" Of normal or not, {listed(said)}."
