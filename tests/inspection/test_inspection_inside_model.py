"""What a model's layers do to pixels under every scheme, beside what its card declares."""

from contextlib import closing
from typing import Any

import numpy as np
import pytest

from tests.conftest import make_radiograph
from tests.fakes import FakeEngine, card_content, fake_card
from xray_app.core.records import Radiograph
from xray_app.engines import list_models, open_engine
from xray_app.inspection.contract_check import check_contract
from xray_app.inspection.inside_model import follow_pixel, look_inside

GAIN, OFFSET = (1 / (255 * 0.25),) * 3, (-2.0,) * 3
KINDS = ("Rescaling", "Normalization")


@pytest.mark.parametrize(
    ("changes", "layers", "offset", "sentence"),
    [
        ({}, KINDS, OFFSET, None),
        ({}, ("Rescaling",), OFFSET, "declares Rescaling, Normalization; Rescaling found"),
        ({"range": [0, 1]}, KINDS, OFFSET, "declares 0 to 1, but its scheme raw gives 0 to 255"),
        ({"range": [3, 240]}, KINDS, OFFSET, None),  # training images without black or white
        ({"range": [0, 100]}, KINDS, OFFSET, "declares 0 to 100, but its scheme raw gives 0 to"),
        ({"range": [-9, 246]}, KINDS, OFFSET, "declares -9 to 246, but its scheme raw gives 0"),
        ({}, KINDS, (-1.0,) * 3, "black and white are -2 and 2; measured are -1 and 3"),
    ],
)
def test_card_and_layers_are_compared(
    changes: dict[str, Any], layers: tuple[str, ...], offset: tuple[float, ...],
    sentence: str | None,
) -> None:  # fmt: skip
    contract = fake_card(contract=card_content()["contract"] | changes).contract
    check = check_contract(contract, layers, GAIN, offset)
    assert check.agrees == (sentence is None)
    expected = sentence or "send black to -2.000 and white to 2.000"
    assert expected in check.message


def test_a_z_score_spans_what_its_images_do() -> None:
    zscore = {"scheme": "clahe+zscore", "layers": [], "mean": [], "range": [-4.43, 3.37]}
    contract = fake_card(contract=card_content()["contract"] | zscore).contract
    check = check_contract(contract, (), (1.0,) * 3, (0.0,) * 3)
    assert check.agrees
    assert "differs from image to image." in check.message


@pytest.mark.parametrize("name", list_models())
def test_the_bundled_cards_say_what_their_layers_do(name: str) -> None:
    with closing(open_engine(name)) as engine:
        radiograph = make_radiograph(np.tile(np.arange(32, dtype=np.uint8) * 8, (32, 1)))
        assert look_inside(engine, radiograph).check.agrees


def test_a_card_that_names_another_scheme() -> None:
    contract = card_content()["contract"] | {"scheme": "rescale", "range": [0, 1], "mean": []}
    engine = FakeEngine(fake_card(contract=contract))
    inside = look_inside(
        engine, make_radiograph(np.tile(np.arange(32, dtype=np.uint8) * 8, (32, 1)))
    )
    assert not inside.check.agrees
    assert "declares rescale, but the layers are made for raw" in inside.check.message


def test_every_scheme_and_what_it_sends(fake: FakeEngine, radiograph: Radiograph) -> None:
    inside = look_inside(fake, radiograph)
    assert inside.check.agrees
    assert inside.issues == ()
    assert inside.training_range == pytest.approx((-2.0, 2.0))
    by_name = {reach.scheme: reach for reach in inside.reaches}
    assert len(by_name) == 11
    assert by_name["raw"].verdict == "matches"
    assert by_name["raw"].ramp == pytest.approx((-2.0, 2.0))
    assert by_name["rescale"].headline == "Contrast divided by 255"
    assert by_name["rescale"].ramp == pytest.approx((-2.0, -2.0 + 4 / 255), abs=1e-5)
    assert by_name["signed"].model_input == pytest.approx((-1.0, 1.0))


def test_one_pixel_on_its_way(fake: FakeEngine) -> None:
    steps = follow_pixel(fake, 255.0, "imagenet")
    assert [step.name.split(" ")[0] for step in steps] == ["Pixel", "Given", "After", "After"]
    given = [(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225]
    assert steps[1].values == pytest.approx(given, rel=1e-5)
    assert steps[3].values == pytest.approx([(g / 255 - 0.5) / 0.25 for g in given], rel=1e-5)
    assert follow_pixel(fake, 4095.0, "byte")[1].values == pytest.approx((4095.0,) * 3)
