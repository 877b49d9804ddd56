"""One contract for every explanation in the registry, asked through the fake engine."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests.fakes import SIZE, FakeEngine, card_content, fake_card
from xray_app.core.errors import UnknownChoice
from xray_app.core.records import Saliency
from xray_app.diagnosis.explanations import black_as_trained, explain_all
from xray_app.explain.method import INPUT, InputExplanation
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


def test_an_unknown_explanation_is_named() -> None:
    with pytest.raises(UnknownChoice, match="Did you mean 'scorecam'"):
        find_explanation("score-cam")
