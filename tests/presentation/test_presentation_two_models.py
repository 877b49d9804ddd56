"""Two models in words: what they disagree on, and never one class's figure beside another's."""

import re
from collections.abc import Sequence

import pytest

from tests.presentation.sides import ADULT, CHILD, CLOSED, OPEN, PNEUMONIA, concluded, side
from tests.two_models import CALIBRATION, THRESHOLD, brought, with_classes
from xray_app.core.gate_rule import GateReport
from xray_app.diagnosis.two_models import ModelSide
from xray_app.presentation.two_models import two_models_text, two_models_to_dict


def figures(sentence: str) -> list[str]:
    return re.findall(r"\d\.\d\d", sentence)


@pytest.mark.parametrize(
    ("first", "second", "expected", "numbers"),
    [
        (side(ADULT, 0.9, 0.1), side(ADULT, 0.8, 0.2), "Both say Normal: A 0.90, B 0.80.", 2),
        (side(ADULT, 0.9, 0.1), side(ADULT, 0.3, 0.7),
         "They disagree: A says Normal 0.90, B says Tuberculosis 0.70.", 2),
        (side(ADULT, 0.9, 0.1), side(with_classes(*ADULT.class_names, calibration=CALIBRATION),
                                     0.3, 0.7),
         "They disagree: A says Normal, B says Tuberculosis; compare the class alone", 0),
        (side(CHILD, 0.1, 0.8, 0.1), side(ADULT, 0.2, 0.8),
         "both say that it is not normal. A names Bacterial, B Tuberculosis: whether that "
         "is the same finding depends on what their classes mean", 0),
        (side(CHILD, 0.8, 0.1, 0.1), side(ADULT, 0.2, 0.8),
         "B says not normal (Tuberculosis), A normal. A has no class of that name; whether "
         "they contradict each other depends on what their classes mean.", 0),
        (side(CHILD, 0.1, 0.8, 0.1), side(PNEUMONIA, 0.8, 0.2),
         "A says not normal (Bacterial), B normal. B has no class of that name; whether they "
         "contradict each other depends on what their classes mean.", 0),
        (side(CHILD, 0.8, 0.1, 0.1), side(PNEUMONIA, 0.2, 0.8),
         "B says not normal (Pneumonia), A normal. A has no class of that name; whether", 0),
        (side(CHILD, 0.8, 0.1, 0.1), side(ADULT, 0.8, 0.2),
         "both say normal. Each means its own other classes alone: A tells bacterial and viral; "
         "B tells tuberculosis.", 0),
        (side(CHILD, 0.8, 0.1, 0.1), side(with_classes("normal", "viral", "covid"), 0.2, 0.7, 0.1),
         "they disagree, B says Viral, A says normal.", 0),
        (side(CHILD, 0.1, 0.1, 0.8), side(with_classes("normal", "viral", "covid"), 0.2, 0.7, 0.1),
         "both say that it is not normal. Both name Viral.", 0),
        (side(CHILD, 0.1, 0.8, 0.1), side(with_classes("normal", "viral", "bacterial", "covid"),
                                          0.1, 0.7, 0.1, 0.1),
         "A names Bacterial, B Viral: on that they disagree.", 0),
        (side(ADULT, 0.2, 0.8), side(with_classes("covid", "tuberculosis"), 0.3, 0.7),
         "Their classes differ; both have Tuberculosis. Both say Tuberculosis.", 0),
        (side(ADULT, 0.2, 0.8), side(with_classes("covid", "tuberculosis"), 0.7, 0.3),
         "B says Covid; A has no class of that name, so what the two say can't be compared.", 0),
        (side(ADULT, 0.2, 0.8), side(with_classes("covid", "abnormal"), 0.7, 0.3),
         "They have no class name in common (A tells Normal and Tuberculosis; B tells Covid and "
         "Abnormal)", 0),
        (side(CHILD, 0.2, 0.7, 0.1), side(brought(named=False), 0.2, 0.7, 0.1),
         "The classes of B have no names", 0),
    ],
)  # fmt: skip
def test_what_they_disagree_on(
    first: ModelSide, second: ModelSide, expected: str, numbers: int
) -> None:
    said = concluded(first, second)
    assert expected in said
    assert len(figures(said)) == numbers


def test_an_answer_on_both_sides_of_its_threshold_is_undecided() -> None:
    card = with_classes("normal", "tuberculosis", threshold=THRESHOLD)
    said = concluded(side(CHILD, 0.8, 0.1, 0.1), side(card, 0.7, 0.3))
    assert "only normal or not can be compared: A says normal and B is undecided." in said
    assert "B says Normal, but any class but normal has 0.30, over its threshold of 0.20." in said


def test_the_same_classes_on_both_sides_of_a_threshold_are_undecided_too() -> None:
    strict = with_classes("normal", "tuberculosis", threshold=THRESHOLD)
    first, second = side(strict, 0.7, 0.3), side(ADULT, 0.9, 0.1)
    said = concluded(first, second)
    assert said.startswith("A is undecided, B says Normal. A says Normal, but any class but normal")
    assert "over its threshold of 0.20" in said
    assert concluded(second, first).startswith("B is undecided, A says Normal.")
    assert concluded(first, first).startswith("Both are undecided. A says Normal, but")
    other = side(with_classes("covid", "tuberculosis"), 0.3, 0.7)
    loose = with_classes("normal", "tuberculosis", threshold=THRESHOLD | {"value": 0.9})
    assert "A is undecided, B says Tuberculosis." in concluded(side(loose, 0.3, 0.7), other)


SEVERAL = with_classes("normal", "tuberculosis", outputs="sigmoid")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (side(ADULT, 0.9, 0.1), side(SEVERAL, 0.9, 0.8),
         "B gives each class a probability of its own, so none rules out another: A says Normal; B "
         "gives more than 0.5 to Normal and Tuberculosis. Of normal or not, A says normal and B is "
         "undecided."),
        (side(SEVERAL, 0.3, 0.4), side(SEVERAL, 0.2, 0.8),
         "A and B give each class a probability of its own, so none rules out another: A "
         "gives no class more than 0.5, and the highest to Tuberculosis; B gives more "
         "than 0.5 to Tuberculosis. Of normal or not, A is undecided and B says not normal."),
        (side(CHILD, 0.8, 0.1, 0.1), side(SEVERAL, 0.45, 0.49),
         "A says Normal; B gives no class more than 0.5, and the highest to Tuberculosis. Of "
         "normal or not, A says normal and B is undecided."),
        (side(with_classes("tuberculosis", "covid", outputs="sigmoid"), 0.2, 0.9),
         side(ADULT, 0.1, 0.9),
         "A gives more than 0.5 to Covid; B says Tuberculosis."),
    ],
)  # fmt: skip
def test_several_labels_are_no_shares_of_one_whole(
    first: ModelSide, second: ModelSide, expected: str
) -> None:
    """Neither an argmax nor a sum of them says anything."""
    said = concluded(first, second)
    assert said.endswith(expected)
    assert not figures(said)
    assert "disagree" not in said


@pytest.mark.parametrize(
    ("gates", "expected"),
    [
        ((OPEN, CLOSED), "Only the gate of A is open: B doesn't know such an image, so"),
        ((CLOSED, OPEN), "Only the gate of B is open: A doesn't know such an image, so"),
        ((CLOSED, CLOSED), "Both gates are closed: neither model knows such an image"),
        ((CLOSED, None), "nothing checks whether B knows it."),
        ((None, OPEN), "Nothing checks whether A knows such an image. Their classes differ"),
        ((None, None), "Nothing checks whether A and B know such an image. "),
    ],
)
def test_the_gates_come_first(gates: Sequence[GateReport | None], expected: str) -> None:
    said = concluded(
        side(CHILD, 0.8, 0.1, 0.1, gate=gates[0]), side(ADULT, 0.2, 0.8, gate=gates[1])
    )
    assert expected in said
    assert "normal or not" in said
    if CLOSED in gates:
        assert "says" not in said
        assert "Tuberculosis" not in said


def test_text_and_plain_values_say_the_same() -> None:
    first, second = side(CHILD, 0.8, 0.1, 0.1), side(ADULT, 0.2, 0.8, gate=CLOSED)
    text = two_models_text(first, second, ["A notice."])
    values = two_models_to_dict(first, second, "a.png", ["A notice."])
    assert values["notices"] == ["A notice."]
    assert text.startswith("A notice.\nA: fake (A fake)\n   Known.\nB: fake (A fake)\n")
    assert all(sentence in text for sentence in values["conclusion"])
    assert "= tuberculosis 0.80, outside (raw)" in text
    assert "\noutside: its model doesn't know such an image.\n" in text
    assert values["classes"] == {
        "question": "normal", "common": ["normal"], "figures_comparable": False,
    }  # fmt: skip
    assert values["models"]["b"]["schemes"]["raw"]["gate"]["verdict"] == "closed"
    marked = {row["aspect"]: row["differs"] for row in values["contracts"]}
    assert (marked["Classes"], marked["Scheme"]) == (True, False)
    assert re.search(r"^Classes +≠ +Normal, Bacterial, Viral +Normal, Tuberculosis$", text, re.M)
