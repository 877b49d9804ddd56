"""What two models' answers come to beside each other, as far as their classes allow."""

from collections.abc import Sequence

from xray_app.core.text import listed
from xray_app.diagnosis import (
    CommonClasses,
    Diagnosis,
    ModelSide,
    common_classes,
    healthy_class,
    is_diseased,
    positive_probability,
)

LETTERS = ("A", "B")
Sides = tuple[ModelSide, ModelSide]


def answers_sentence(sides: Sides, results: Sequence[Diagnosis]) -> str:
    """Say what the two disagree on, and what can't be compared.

    Args:
        sides: A and B.
        results: one of each, both of which say something.
    """
    found = common_classes(sides[0].card, sides[1].card)
    says = {
        "classes": _of_the_same_classes,
        "normal": _of_normal_or_not,
        "some": _of_some_classes,
        "none": _of_no_class,
        "unnamed": _of_no_names,
    }
    said = says[found.question](sides, results, found)
    return " ".join([said, *_notes(sides, results, found)])


def common_sentence(sides: Sides) -> str:
    """Say what could be compared, where one of the two answers says nothing."""
    found = common_classes(sides[0].card, sides[1].card)
    common = listed([sides[0].card.label(name) for name in found.names])
    return {
        "classes": "Their classes are the same.",
        "normal": "Their classes differ: only normal or not could be compared.",
        "some": f"Their classes differ: both know {common} alone.",
        "none": "They have no class in common.",
        "unnamed": "Not all of their classes have names.",
    }[found.question]


def _of_the_same_classes(sides: Sides, results: Sequence[Diagnosis], found: CommonClasses) -> str:
    one, other = (label_of(s, r) for s, r in zip(sides, results, strict=True))
    if found.figures:
        tops = [f"{result.prediction.top_probability:.2f}" for result in results]
        if one == other:
            return f"Both say {one}: A {tops[0]}, B {tops[1]}."
        return f"They disagree: A says {one} {tops[0]}, B says {other} {tops[1]}."
    said = f"Both say {one}" if one == other else f"They disagree: A says {one}, B says {other}"
    return f"{said}; compare the class alone, since their figures are made in different ways."


def _of_normal_or_not(sides: Sides, results: Sequence[Diagnosis], found: CommonClasses) -> str:
    intro = "Their classes differ, so only normal or not can be compared:"
    diseased = [is_diseased(s.card, r.prediction) for s, r in zip(sides, results, strict=True)]
    if None in diseased:
        said = listed([f"{x} {_answer_text(d)}" for x, d in zip(LETTERS, diseased, strict=True)])
        return f"{intro} {said}."
    if not any(diseased):
        own = "; ".join(
            f"{x} tells {_others(side)}" for x, side in zip(LETTERS, sides, strict=True)
        )
        return f"{intro} both say normal. Each means its own other classes alone: {own}."
    named = [label_of(side, result) for side, result in zip(sides, results, strict=True)]
    if all(diseased):
        return f"{intro} both say that it is not normal. {_two_names(results, named, found)}"
    place = diseased.index(True)
    ill, well = LETTERS[place], LETTERS[1 - place]
    name = results[place].prediction.predicted
    if name in sides[1 - place].card.class_names:
        return f"{intro} they disagree, {ill} says {named[place]}, {well} says normal."
    return (
        f"{intro} {ill} says not normal ({named[place]}), {well} normal. {well} knows no such "
        "class, so the two need not contradict each other."
    )


def _two_names(results: Sequence[Diagnosis], named: Sequence[str], found: CommonClasses) -> str:
    names = [result.prediction.predicted for result in results]
    if names[0] == names[1]:
        return f"Both name {named[0]}."
    said = f"A names {named[0]}, B {named[1]}"
    if names[0] in found.names and names[1] in found.names:
        return f"{said}: on that they disagree."
    return f"{said}: different classes, whose figures can't be set beside each other."


def _answer_text(diseased: bool | None) -> str:
    if diseased is None:
        return "is undecided"
    return "says not normal" if diseased else "says normal"


def _of_some_classes(sides: Sides, results: Sequence[Diagnosis], found: CommonClasses) -> str:
    common = listed([sides[0].card.label(name) for name in found.names])
    names = [result.prediction.predicted for result in results]
    named = [label_of(side, result) for side, result in zip(sides, results, strict=True)]
    intro = f"Their classes differ; both know {common}."
    if names[0] == names[1]:
        return f"{intro} Both say {named[0]}."
    if set(names) <= set(found.names):
        return f"{intro} They disagree: A says {named[0]}, B says {named[1]}."
    place = 0 if names[0] not in found.names else 1
    return (
        f"{intro} {LETTERS[place]} says {named[place]}, which {LETTERS[1 - place]} doesn't know, "
        "so what the two say can't be compared."
    )


def _of_no_class(sides: Sides, results: Sequence[Diagnosis], found: CommonClasses) -> str:
    del results, found
    own = "; ".join(
        f"{letter} tells {listed([label.label for label in side.card.classes])}"
        for letter, side in zip(LETTERS, sides, strict=True)
    )
    return (
        f"They have no class in common ({own}): what they say can't be compared, only what each is "
        "fed and where it looks."
    )


def _of_no_names(sides: Sides, results: Sequence[Diagnosis], found: CommonClasses) -> str:
    del results, found
    brought = [(x, s.card.brought) for x, s in zip(LETTERS, sides, strict=True)]
    nameless = [letter for letter, own in brought if own is not None and not own.named]
    return (
        f"The classes of {listed(nameless)} have no names, so what the two say can't be compared, "
        "only what each is fed and where it looks; name them to compare the answers."
    )


def _notes(sides: Sides, results: Sequence[Diagnosis], found: CommonClasses) -> list[str]:
    """Sentences on what the answers are not: ruled out, or shares of one whole."""
    if found.question in {"none", "unnamed"}:
        return []
    notes = []
    for letter, side, result in zip(LETTERS, sides, results, strict=True):
        card, prediction = side.card, result.prediction
        healthy = healthy_class(card)
        if card.outputs == "sigmoid":
            notes.append(f"{letter} gives each class a probability of its own.")
        elif healthy and card.threshold and is_diseased(card, prediction) is None:
            positive, limit = positive_probability(card, prediction), card.threshold.value
            notes.append(
                f"{letter} says {label_of(side, result)}, but any class but "
                f"{card.label(healthy).lower()} has {positive:.2f}, "
                f"{'over' if positive >= limit else 'under'} its threshold of {limit:.2f}."
            )
    return notes


def label_of(side: ModelSide, result: Diagnosis) -> str:
    """The label of the predicted class."""
    return side.card.label(result.prediction.predicted)


def _others(side: ModelSide) -> str:
    healthy = healthy_class(side.card)
    return listed([label.label.lower() for label in side.card.classes if label.name != healthy])
