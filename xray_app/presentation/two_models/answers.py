"""What two models' answers come to beside each other, as far as their classes allow.

Names are all that is known of brought classes: what is named otherwise may yet be the same finding.
"""

from collections.abc import Sequence

from xray_app.core import positive_probability
from xray_app.core.text import listed
from xray_app.diagnosis import (
    CommonClasses,
    Diagnosis,
    ModelSide,
    common_classes,
    healthy_class,
    is_diseased,
)
from xray_app.presentation.two_models.multi_label import is_multi_label, multi_label_sentence
from xray_app.presentation.two_models.sides import LETTERS, Sides, label_of


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
    if any(map(is_multi_label, sides)) and found.question not in {"none", "unnamed"}:
        return " ".join([multi_label_sentence(sides, results), *_notes(sides, results, found)])
    said = says[found.question](sides, results, found)
    return " ".join([said, *_notes(sides, results, found)])


def common_sentence(sides: Sides) -> str:
    """Say what could be compared, where one of the two answers can't be relied on."""
    found = common_classes(sides[0].card, sides[1].card)
    common = listed([sides[0].card.label(name) for name in found.names])
    return {
        "classes": "Their classes are the same.",
        "normal": "Their classes differ: only normal or not could be compared.",
        "some": f"Their classes differ: both have {common} alone.",
        "none": "They have no class name in common.",
        "unnamed": "Not all of their classes have names.",
    }[found.question]


def _of_the_same_classes(sides: Sides, results: Sequence[Diagnosis], found: CommonClasses) -> str:
    if (undecided := _undecided(sides, results)) is not None:
        return undecided
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
        f"{intro} {ill} says not normal ({named[place]}), {well} normal. {well} has no class of "
        "that name; whether they contradict each other depends on what their classes mean."
    )


def _two_names(results: Sequence[Diagnosis], named: Sequence[str], found: CommonClasses) -> str:
    names = [result.prediction.predicted for result in results]
    if names[0] == names[1]:
        return f"Both name {named[0]}."
    said = f"A names {named[0]}, B {named[1]}"
    if names[0] in found.names and names[1] in found.names:
        return f"{said}: on that they disagree."
    return (
        f"{said}: whether that is the same finding depends on what their classes mean; their "
        "figures can't be set beside each other."
    )


def _undecided(sides: Sides, results: Sequence[Diagnosis]) -> str | None:
    """What is said where a model's own threshold contradicts its class; None where none does."""
    undecided = [_is_undecided(s, r) for s, r in zip(sides, results, strict=True)]
    if all(undecided):
        return "Both are undecided."
    if not any(undecided):
        return None
    place = undecided.index(True)
    said = label_of(sides[1 - place], results[1 - place])
    return f"{LETTERS[place]} is undecided, {LETTERS[1 - place]} says {said}."


def _is_undecided(side: ModelSide, result: Diagnosis) -> bool:
    return (
        healthy_class(side.card) is not None and is_diseased(side.card, result.prediction) is None
    )


def _answer_text(diseased: bool | None) -> str:
    if diseased is None:
        return "is undecided"
    return "says not normal" if diseased else "says normal"


def _of_some_classes(sides: Sides, results: Sequence[Diagnosis], found: CommonClasses) -> str:
    common = listed([sides[0].card.label(name) for name in found.names])
    names = [result.prediction.predicted for result in results]
    named = [label_of(side, result) for side, result in zip(sides, results, strict=True)]
    intro = f"Their classes differ; both have {common}."
    if (undecided := _undecided(sides, results)) is not None:
        return f"{intro} {undecided}"
    if names[0] == names[1]:
        return f"{intro} Both say {named[0]}."
    if set(names) <= set(found.names):
        return f"{intro} They disagree: A says {named[0]}, B says {named[1]}."
    place = 0 if names[0] not in found.names else 1
    return (
        f"{intro} {LETTERS[place]} says {named[place]}; {LETTERS[1 - place]} has no class of that "
        "name, so what the two say can't be compared."
    )


def _of_no_class(sides: Sides, results: Sequence[Diagnosis], found: CommonClasses) -> str:
    del results, found
    own = "; ".join(
        f"{letter} tells {listed([label.label for label in side.card.classes])}"
        for letter, side in zip(LETTERS, sides, strict=True)
    )
    return (
        f"They have no class name in common ({own}): what they say can't be compared, only "
        "what each is fed and where it looks."
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
    """Why a model is undecided, whose class says one thing and its threshold another."""
    if found.question in {"none", "unnamed"}:
        return []
    notes = []
    for letter, side, result in zip(LETTERS, sides, results, strict=True):
        card, prediction = side.card, result.prediction
        healthy = healthy_class(card)
        if is_multi_label(side):
            continue  # no threshold of any class but the healthy one can hold for it
        if healthy and card.threshold and is_diseased(card, prediction) is None:
            positive = float(positive_probability(prediction.probabilities))
            limit = card.threshold.value
            notes.append(
                f"{letter} says {label_of(side, result)}, but any class but "
                f"{card.label(healthy).lower()} has {positive:.2f}, "
                f"{'over' if positive >= limit else 'under'} its threshold of {limit:.2f}."
            )
    return notes


def _others(side: ModelSide) -> str:
    healthy = healthy_class(side.card)
    return listed([label.label.lower() for label in side.card.classes if label.name != healthy])
