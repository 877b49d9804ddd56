"""Two models in words: what they disagree on, and never one class's figure beside another's."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests.diagnosis.test_diagnosis_two_models import (
    CALIBRATION,
    RADIOGRAPH,
    THRESHOLD,
    brought,
    signed,
    with_classes,
)
from tests.fakes import FakeEngine, fake_card
from xray_app.cards import ModelCard
from xray_app.core.gate_rule import GateReport
from xray_app.core.records import Prediction, Verdict
from xray_app.diagnosis.diagnosis import Diagnosis
from xray_app.diagnosis.two_models import ModelSide, side_of
from xray_app.presentation.two_models import (
    contract_rows,
    scheme_lines,
    two_model_sentences,
    two_models_text,
    two_models_to_dict,
)

OPEN = GateReport("open", "known", "Known.", {}, 0.0, 1.0, -1.0)
CLOSED = replace(OPEN, verdict="closed", finding="other_population")
CHILD = with_classes("normal", "bacterial", "viral")
ADULT = with_classes("normal", "tuberculosis")
PNEUMONIA = with_classes("normal", "pneumonia")


@cache
def made() -> Diagnosis:
    return side_of(FakeEngine(), RADIOGRAPH, ()).trained


def side(
    card: ModelCard,
    *probabilities: float,
    gate: GateReport | None = OPEN,
    verdict: Verdict = "matches",
) -> ModelSide:
    """A model that says so, as trained and under raw and signed; other scheme's verdict given."""
    values = np.array(probabilities, np.float32)
    said = Prediction(card.class_names, np.log(values), values)
    saliency = replace(made().saliency, target=said.predicted)
    result = replace(made(), prediction=said, gate=gate, saliency=saliency)
    own = card.contract.scheme
    other = replace(result, contract=replace(result.contract, verdict=verdict))
    results = {own: result} | {name: other for name in ("raw", "signed") if name != own}
    return ModelSide(card, results, (-2.0, 2.0))


def concluded(first: ModelSide, second: ModelSide, scheme: str | None = None) -> str:
    return two_model_sentences(first, second, scheme)[0]


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


def test_an_answer_to_what_training_never_sent_is_not_compared() -> None:
    first, second = side(CHILD, 0.8, 0.1, 0.1, verdict="mismatch"), side(ADULT, 0.2, 0.8)
    assert (
        "Under `signed` only B gets what it was trained for; A was not trained for this and its "
        "figure does not hold, so nothing is compared." in concluded(first, second, "signed")
    )
    both = side(ADULT, 0.2, 0.8, verdict="mismatch")
    assert "neither model gets what it was trained for: no figure of either holds" in concluded(
        first, both, "signed"
    )
    del_raw = replace(second, results={"raw": second.results["raw"]})
    assert "B can't be fed `signed`" in concluded(first, del_raw, "signed")
    assert "Both were trained with `raw`" in two_model_sentences(first, second)[2]


def test_schemes_that_fit_both_are_named() -> None:
    first, second = side(fake_card(), 0.8, 0.1, 0.1), side(signed(), 0.8, 0.1, 0.1)
    assert two_model_sentences(first, second)[2] == (
        "Under one scheme for both: `raw` fits A and fits B; `signed` fits B and fits A; `raw` and "
        "`signed` fit both."
    )
    second = side(signed(), 0.8, 0.1, 0.1, verdict="mismatch")
    assert two_model_sentences(first, second)[2] == (
        "Under one scheme for both: `raw` fits A and is a mismatch for B; `signed` fits B and fits "
        "A; `signed` fits both."
    )
    lines = scheme_lines(first, second)
    assert lines[0] == ("as trained", "= normal 0.80 (raw)", "= normal 0.80 (signed)")
    assert lines[1] == ("raw", "= normal 0.80", "x normal 0.80")


def test_the_table_marks_what_differs_and_what_nobody_knows() -> None:
    own = fake_card(
        input={"height": 32, "width": 64, "fit": "pad", "kernel": "area", "antialias": True},
        brought={"file": "a.onnx", "explanations": [], "channels": 1, "layout": "NCHW",
                 "input_dtype": "uint8", "named": False},
    )  # fmt: skip
    first, second = side(CHILD, 0.8, 0.1, 0.1), side(own, 0.8, 0.1, 0.1, gate=None)
    rows = {row.aspect: row for row in contract_rows(first, second)}
    differing = {name for name, row in rows.items() if row.differs}
    assert differing == {"Size", "Channels", "Order of colours", "Layout", "Type"}
    unknown = {name for name, row in rows.items() if row.differs is None}
    assert unknown == {
        "Fit", "Kernel", "Classes", "Whom it knows", "Ages", "Views", "Trained on",
    }  # fmt: skip
    assert rows["Fit"].shown == ("stretched", "padded with 0 (assumed)")
    assert rows["Channels"].shown == ("3", "1")
    assert two_model_sentences(first, second)[1] == (
        "One tensor can't serve both: they differ in size (A 32 × 32, B 32 × 64), channels (A "
        "3, B 1), order of colours (A RGB, B gray), layout (A channels last (NHWC), B channels "
        "first (NCHW)) and type (A float32, B uint8). As far as is known (fit and kernel are "
        "assumed) they differ in fit (A stretched, B padded with 0) and kernel (A bilinear, "
        "antialiased, B mean over the area) as well."
    )
    alike = two_model_sentences(first, side(ADULT, 0.8, 0.2))[1]
    assert alike == "Both must be fed alike: one tensor serves both."


def test_what_is_assumed_of_a_brought_model_is_said_as_far_as_is_known() -> None:
    own = {"file": "a.onnx", "explanations": []}
    first = side(CHILD, 0.8, 0.1, 0.1)

    def said(**changes: object) -> tuple[str, ...]:
        card = fake_card(brought=own | changes)
        return two_model_sentences(first, side(card, 0.8, 0.1, 0.1, verdict="mismatch"))

    assert said(channel_order="RGB")[1] == (
        "As far as is known (fit and kernel are assumed) both must be fed alike, and one tensor "
        "serves both."
    )
    assert "(fit, kernel and order of colours are assumed) both must" in said()[1]
    assert said()[2] == "Both were trained with `raw`."
    assert said(scheme_known=False)[2] == "Both were trained with `raw`, as far as is known."
    card = signed(brought=own | {"channel_order": "RGB", "scheme_known": False})
    second = side(card, 0.8, 0.1, 0.1, verdict="mismatch")
    sentences = two_model_sentences(first, second)
    assert sentences[1] == (
        "As far as is known (scheme, values, fit and kernel are assumed) one tensor can't serve "
        "both: they differ in scheme (A raw, B signed)."
    )
    assert sentences[2].startswith("Under one scheme for both, as far as is known: `raw` fits A")
    assert "Under `raw`, as far as is known, only A gets" in concluded(first, second, "raw")
    rows = {row.aspect: row for row in contract_rows(first, second)}
    for aspect in ("Scheme", "Values", "At the first convolution"):
        assert rows[aspect].differs is None
    assert rows["Scheme"].shown[1].endswith(", inferred)")
    assert "inferred, and may be another" in two_models_text(first, second)


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
