"""Cards: what is right is read, what is wrong is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import STRETCHED, card_content, fake_card
from xray_app.cards.card import parse_card, read_card
from xray_app.core.errors import CardError, UnknownChoice
from xray_app.core.images import Geometry

INPUT = {"height": 64, "width": 64, **STRETCHED}
WRONG: list[tuple[str, Any, str]] = [
    ("name", "No Spaces!", "field name"),
    ("classes", [], "field classes"),
    ("classes", [{"name": "a", "label": "A"}, {"name": "B", "label": "B"}], "field classes.1.name"),
    ("classes", [{"name": "a", "label": "A"}, {"name": "a", "label": "B"}], "received a again"),
    ("input", {"height": "tall", "width": 32, "resize": "x"}, "field input.height"),
    ("input", {"height": 32, "width": 32, "resize": "crop"}, "field input.fit"),
    ("input", INPUT | {"fit": "fill"}, "field input.fit"),
    ("input", INPUT | {"kernel": "cubic"}, "field input.kernel"),
    ("input", INPUT | {"antialias": "sometimes"}, "field input.antialias"),
    ("input", INPUT | {"pad_value": 2}, "field input.pad_value"),
    ("input", INPUT | {"fit": "resize-crop", "resize_to": 16}, "field input.resize_to"),
    ("input", INPUT | {"fit": "resize-crop", "resize_to": 999}, "field input: Value error"),
    ("dropout", 1.0, "field dropout"),
    ("weights", {"file": "../../etc/passwd", "sha256": "0" * 64}, "field weights.file"),
    ("weights", {"file": "a.h5", "sha256": "abc"}, "field weights.sha256"),
    ("metrics", [{"name": "AUC"}], "field metrics.0.value"),
    ("surprise", 1, "field surprise"),
]


@pytest.mark.parametrize(("field", "value", "expected"), WRONG)
def test_a_wrong_field_is_named(field: str, value: Any, expected: str) -> None:
    with pytest.raises(CardError, match=r"^Model card x is wrong in") as caught:
        parse_card(card_content(**{field: value}), "x")
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("field", card_content())
def test_a_missing_field_is_named(field: str) -> None:
    content = card_content()
    del content[field]
    with pytest.raises(CardError, match=f"field {field}: Field required"):
        parse_card(content, "x")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("scheme", "rav"),
        ("variance", [0.0]),
        ("range", [0, 1, 2]),
        ("range", [0, float("inf")]),
        ("mean", [float("nan")]),
    ],
)
def test_a_wrong_contract_is_named(field: str, value: Any) -> None:
    contract = card_content()["contract"] | {field: value}
    with pytest.raises(CardError, match=f"field contract.{field}"):
        parse_card(card_content(contract=contract), "x")


def test_a_geometry_is_read() -> None:
    input_ = {"height": 64, "width": 96, "fit": "resize-crop", "kernel": "area", "antialias": True}
    card = fake_card(input=input_ | {"resize_to": 128})
    assert card.input.geometry == Geometry(64, 96, "resize-crop", "area", resize_to=128)
    assert fake_card(input=input_).input.geometry.resize_to == round(96 * 256 / 224)


def test_the_one_word_of_earlier_cards_is_read() -> None:
    earlier = {"height": 64, "width": 96, "resize": "bilinear-antialiased-stretch"}
    assert fake_card(input=earlier).input.geometry == Geometry(64, 96)


@pytest.mark.parametrize("content", [None, [], "card", 3])
def test_what_is_no_object_is_refused(content: object) -> None:
    with pytest.raises(CardError, match="wrong in field"):
        parse_card(content, "x")


def test_a_card_survives_a_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_text(json.dumps(card_content()))
    assert read_card(path).model_dump() == fake_card().model_dump()
    assert read_card(path).folder == tmp_path
    path.write_text(fake_card().model_dump_json())
    assert read_card(path).model_dump() == fake_card().model_dump()
    assert read_card(path).folder == tmp_path


def test_unreadable_cards(tmp_path: Path) -> None:
    with pytest.raises(CardError, match="Can't read model card"):
        read_card(tmp_path / "card.json")
    (tmp_path / "card.json").write_text("{")
    with pytest.raises(CardError, match="is not JSON"):
        read_card(tmp_path / "card.json")


def test_statistics_are_the_gray_mean_and_deviation() -> None:
    contract = card_content()["contract"] | {"mean": [0.4, 0.5, 0.6], "variance": [0.04]}
    statistics = fake_card(contract=contract).contract.statistics
    assert statistics is not None
    assert (statistics.mean, statistics.std) == (pytest.approx(0.5), pytest.approx(0.2))
    contract["mean"] = []
    assert fake_card(contract=contract).contract.statistics is None


def test_classes_by_name() -> None:
    card = fake_card()
    assert card.label("viral_pneumonia") == "Viral pneumonia"
    with pytest.raises(UnknownChoice, match="Did you mean 'viral_pneumonia'"):
        card.require_class("viral_pneumonias")
