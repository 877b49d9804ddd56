"""One contract for every explanation in the registry, asked through the fake engine."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.fakes import SIZE, FakeEngine, card_content, fake_card
from xray_app.cards import model_input
from xray_app.core.errors import UnknownChoice
from xray_app.core.records import Saliency
from xray_app.diagnosis import explanations
from xray_app.diagnosis.explanations import black_as_trained, explain_all
from xray_app.evaluation.faithfulness.maps import maps_of
from xray_app.explain import no_map
from xray_app.explain.method import INPUT, InputExplanation, Question
from xray_app.explain.registry import ALL, SLOW, find_explanation

NOISE = (255 * np.random.default_rng(4).random((2, SIZE, SIZE, 3))).astype(np.float32)
SPOT = np.full((1, SIZE, SIZE, 3), 127.5, np.float32)
SPOT[0, :8, 24:] = 255.0  # bright, top right: speaks for bacterial


def maps(method: str, batch: np.ndarray, target: str = "bacterial_pneumonia") -> list[Saliency]:
    engine = FakeEngine()
    return explain_all(
        engine, batch, engine.forward(batch).activations, method, engine.layers[0], target
    )


@pytest.mark.parametrize("method", ALL)
def test_every_explanation(method: str) -> None:
    chosen = find_explanation(method)
    assert chosen.name == method
    assert chosen.label
    assert chosen.source
    assert chosen.unit
    assert chosen.explanation.endswith(".")
    found = maps(method, NOISE)
    assert len(found) == 2
    for saliency in found:
        assert saliency.method == method
        assert saliency.target == "bacterial_pneumonia"
        assert saliency.map.ndim == 2
        assert saliency.map.dtype == np.float32
        assert np.isfinite(saliency.map).all()
        assert (saliency.map >= 0).all()
        assert not saliency.map.flags.writeable
    again = maps(method, NOISE)
    for one, other in zip(found, again, strict=True):
        assert_array_equal(one.map, other.map)
        assert one.peak == other.peak


@pytest.mark.parametrize("method", ALL)
def test_every_explanation_finds_the_spot(method: str) -> None:
    (saliency,) = maps(method, SPOT)
    height, width = saliency.map.shape
    row, column = np.unravel_index(int(saliency.map.argmax()), saliency.map.shape)
    assert row < height / 4
    assert column >= width * 3 / 4


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize("value", [0.0, 127.5, 255.0])
def test_uniform_images_break_nothing(method: str, value: float) -> None:
    (saliency,) = maps(method, np.full((1, SIZE, SIZE, 3), value, np.float32))
    assert np.isfinite(saliency.map).all()
    assert np.isfinite(saliency.peak)


@pytest.mark.parametrize("method", SLOW)
def test_slow_ones_tell_how_far_they_are_and_leave_no_layer_to_choose(method: str) -> None:
    engine, told = FakeEngine(), []
    forward = engine.forward(NOISE)
    found = explain_all(
        engine, NOISE, forward.activations, method, "nowhere", "normal", told.append
    )
    assert told == sorted(told)
    assert told[-1] == 1.0
    chosen = ALL[method]
    assert isinstance(chosen, InputExplanation)
    assert {s.layer for s in found} == {"cells" if chosen.uses_last_layer else INPUT}


def test_black_is_black_as_training_fed_it() -> None:
    contract = card_content()["contract"] | {"scheme": "signed"}
    black = black_as_trained(FakeEngine(fake_card(contract=contract)))
    assert_array_equal(black, np.full((SIZE, SIZE, 3), -1.0))


def test_black_of_z_scores_is_a_black_pixel_of_this_image() -> None:
    """Two grays, 0.25 and 0.75: mean 0.5, deviation 0.25, so black is -2; uniform black is 0."""
    contract = card_content()["contract"] | {"scheme": "zscore"}
    engine = FakeEngine(fake_card(contract=contract))
    display = np.full((SIZE, SIZE), 0.25, np.float32)
    display[::2] = 0.75
    assert_array_equal(black_as_trained(engine, display), np.full((SIZE, SIZE, 3), -2.0))
    # The darkest pixel that training could feed of this image, so nothing of it lies below.
    assert (model_input(engine.card, display).array >= black_as_trained(engine, display)).all()
    constant = black_as_trained(engine, np.full((SIZE, SIZE), 0.5, np.float32))
    assert_allclose(constant, -0.5 * 255.0 * SIZE, rtol=1e-6)  # the scheme's own smallest deviation


def test_black_of_z_scores_is_after_the_contrast() -> None:
    """Stretched to 0 and 1: mean 0.5, deviation 0.5, so black is -1."""
    contract = card_content()["contract"] | {"scheme": "minmax+zscore"}
    engine = FakeEngine(fake_card(contract=contract))
    display = np.full((SIZE, SIZE), 0.25, np.float32)
    display[::2] = 0.75
    assert_array_equal(black_as_trained(engine, display), np.full((SIZE, SIZE, 3), -1.0))


@pytest.mark.parametrize("method", ["integrated-gradients", "scorecam", "rise", "occlusion"])
def test_every_slow_method_starts_from_that_black(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = card_content()["contract"] | {"scheme": "zscore"}
    engine = FakeEngine(fake_card(contract=contract))
    display = np.full((SIZE, SIZE), 0.25, np.float32)
    display[::2] = 0.75
    asked: list[float] = []

    def kept(method: object, layer: str, target: str, question: Question, *_: object) -> Saliency:
        asked.append(float(question.black.max()))
        return no_map(layer, target)

    monkeypatch.setattr(explanations, "explain_input", kept)
    maps_of(engine, model_input(engine.card, display).array, (method,), "normal", display=display)
    assert asked == [-2.0]


def test_an_unknown_explanation_is_named() -> None:
    with pytest.raises(UnknownChoice, match="Did you mean 'scorecam'"):
        find_explanation("score-cam")
