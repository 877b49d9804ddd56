"""Two models beside each other: what both are fed, and what of their answers can be compared."""

from dataclasses import replace

import numpy as np
import pytest

from tests.fakes import HEAD, FakeEngine, fake_card
from tests.two_models import (
    CALIBRATION,
    RADIOGRAPH,
    THRESHOLD,
    brought,
    classes,
    signed,
    with_classes,
)
from xray_app.cards import ModelCard
from xray_app.core.errors import InputError, UnknownChoice
from xray_app.core.records import Prediction
from xray_app.diagnosis.common_classes import common_classes, healthy_class, is_diseased
from xray_app.diagnosis.diagnosis import diagnose
from xray_app.diagnosis.scheme_pass import Choices
from xray_app.diagnosis.two_models import choices_for, require_two, schemes_of_both, side_of
from xray_app.presentation.words import certainty


def test_each_is_asked_as_trained_and_under_the_schemes_of_both() -> None:
    second = signed(classes=classes("normal", "tuberculosis"))
    engines = FakeEngine(), FakeEngine(second)
    engines[1].head = HEAD[:, :2]
    schemes = schemes_of_both(engines[0].card, second, ("raw", "clahe"))
    assert schemes == ("raw", "signed", "clahe")
    sides = [side_of(engine, RADIOGRAPH, schemes) for engine in engines]
    assert [list(side.results) for side in sides] == [
        ["raw", "signed", "clahe"],
        ["signed", "raw", "clahe"],
    ]
    for side, engine in zip(sides, engines, strict=True):
        alone = diagnose(engine, RADIOGRAPH, Choices("clahe"))
        found = side.results["clahe"].prediction.probabilities
        np.testing.assert_array_equal(found, alone.prediction.probabilities)
        assert side.trained.contract.verdict == "matches"
    # (v / 255 - 0.5) / 0.25, of 0 and 255, and of -1 and 1.
    assert sides[0].training_range == pytest.approx((-2.0, 2.0))
    assert sides[1].training_range == pytest.approx((-2.0 - 4 / 255, -2.0 + 4 / 255))


def test_a_scheme_without_figures_is_left_out() -> None:
    contract = {"scheme": "raw", "range": [0, 255], "layers": []}
    side = side_of(FakeEngine(fake_card(contract=contract)), RADIOGRAPH, ("dataset", "rescale"))
    assert list(side.results) == ["raw", "rescale"]


def test_a_slow_map_is_made_as_trained_alone() -> None:
    seen: list[float] = []
    choices = Choices(explanation="occlusion")
    side = side_of(FakeEngine(), RADIOGRAPH, ("rescale", "clahe"), choices, seen.append)
    assert {name: result.saliency.method for name, result in side.results.items()} == {
        "raw": "occlusion", "rescale": "gradcam", "clahe": "gradcam",
    }  # fmt: skip
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert any(0.0 < value < 0.5 for value in seen)


def test_a_model_is_not_compared_with_itself() -> None:
    with pytest.raises(InputError, match="received fake twice"):
        require_two(fake_card(), fake_card(title="the same weights by another title"))
    require_two(fake_card(), signed())  # the same weights, fed in another way
    with pytest.raises(UnknownChoice):
        schemes_of_both(fake_card(), signed(), ("nothing",))


@pytest.mark.parametrize(
    ("card", "asked", "expected"),
    [
        (fake_card(), Choices(target="normal"), Choices(target="normal")),
        (fake_card(), Choices(target="normal:covid", layer="finer"), Choices(layer="finer")),
        (brought(), Choices(explanation="hirescam", layer="finer"), Choices()),
        (brought(), Choices(explanation="scorecam"), Choices(explanation="scorecam")),
    ],
)
def test_a_choice_holds_as_far_as_a_model_has_it(
    card: ModelCard, asked: Choices, expected: Choices
) -> None:
    assert choices_for(card, asked) == expected


TB = with_classes("normal", "tuberculosis")


@pytest.mark.parametrize(
    ("first", "second", "question", "names", "figures"),
    [
        (fake_card(), fake_card(), "classes", 3, True),
        (TB, with_classes("tuberculosis", "normal"), "classes", 2, True),
        (TB, with_classes("normal", "tuberculosis", outputs="sigmoid"), "classes", 2, False),
        (TB, with_classes("normal", "tuberculosis", calibration=CALIBRATION), "classes", 2, False),
        (fake_card(), TB, "normal", 1, False),
        (TB, with_classes("normal_chest_x_ray", "covid"), "normal", 0, False),
        (TB, with_classes("abnormal", "no_finding"), "normal", 0, False),
        (TB, with_classes("covid_19_positive", "covid_19_negative"), "normal", 0, False),
        (TB, with_classes("pneumonia", "no_pneumonia"), "normal", 0, False),
        (TB, with_classes("non_tb", "tb"), "normal", 0, False),
        (TB, with_classes("covid", "non_covid", "opacity"), "none", 0, False),
        (TB, with_classes("covid", "tuberculosis"), "some", 1, False),
        (TB, with_classes("abnormal", "covid"), "none", 0, False),
        (fake_card(), brought(named=False), "unnamed", 0, False),
        (fake_card(), brought(), "classes", 3, True),
    ],
)
def test_what_can_be_asked_of_both(
    first: ModelCard, second: ModelCard, question: str, names: int, figures: bool
) -> None:
    for found in (common_classes(first, second), common_classes(second, first)):
        assert (found.question, len(found.names), found.figures) == (question, names, figures)


@pytest.mark.parametrize(
    ("probabilities", "threshold", "expected"),
    [
        ([0.9, 0.1], None, False),
        ([0.4, 0.6], None, True),
        ([0.9, 0.1], THRESHOLD, False),
        ([0.7, 0.3], THRESHOLD, None),  # most probably normal, but over the threshold
        ([0.4, 0.6], THRESHOLD, True),
        ([0.4, 0.6], THRESHOLD | {"value": 0.7}, None),
    ],
)
def test_class_and_threshold_must_say_the_same(
    probabilities: list[float], threshold: object, expected: bool | None
) -> None:
    card = with_classes("normal", "tuberculosis", threshold=threshold)
    values = np.array(probabilities, np.float32)
    prediction = Prediction(card.class_names, np.log(values), values)
    assert is_diseased(card, prediction) is expected
    nameless = with_classes("a", "b", threshold=threshold)
    assert is_diseased(nameless, Prediction(("a", "b"), np.log(values), values)) is None


def test_a_threshold_of_any_class_but_the_first_says_nothing_of_a_later_healthy_one() -> None:
    """The page says what it is a threshold of: 0.70 of normal is over it, and is no disease."""
    card = with_classes("tuberculosis", "normal", threshold=THRESHOLD, calibration=CALIBRATION)
    values = np.array([0.3, 0.7], np.float32)
    prediction = Prediction(card.class_names, np.log(values), values, values)
    assert is_diseased(card, prediction) is False
    shown = replace(diagnose(FakeEngine(), RADIOGRAPH, Choices()), prediction=prediction)
    said = "Any class but tuberculosis: 0.70, over the threshold of 0.20."
    assert said in certainty(card, shown)


def test_plain_normal_comes_before_the_absence_of_one_finding() -> None:
    assert healthy_class(with_classes("non_covid", "covid", "normal")) == "normal"
    assert healthy_class(with_classes("no_covid", "normal")) == "normal"


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [
        ([0.2, 0.8], True),
        ([0.8, 0.2], False),
        ([0.9, 0.8], None),  # both
        ([0.3, 0.4], None),  # none, though the second is the highest
        ([0.5, 0.5], None),
    ],
)
def test_independent_probabilities_say_what_is_over_one_half_alone(
    probabilities: list[float], expected: bool | None
) -> None:
    card = with_classes("normal", "tuberculosis", outputs="sigmoid", threshold=THRESHOLD)
    values = np.array(probabilities, np.float32)
    assert is_diseased(card, Prediction(card.class_names, np.log(values), values)) is expected
