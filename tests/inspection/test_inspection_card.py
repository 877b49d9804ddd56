"""The card that inspection writes, and what it makes of a card that it is given."""

import json
from pathlib import Path

import pytest

from tests.conftest import BUNDLED, ROOT
from tests.engines.keras_models import (
    classifier,
    normalization,
    saved,
)
from tests.fakes import card_content
from xray_app.cards.card import parse_card
from xray_app.core.errors import CardError
from xray_app.engines.keras.architectures import build_from_card
from xray_app.engines.keras.families import adapt_to_imagenet
from xray_app.inspection.inspection import inspect_model
from xray_app.inspection.skeleton import open_fields


@pytest.mark.usefixtures("in_process")
def test_the_card_skeleton_needs_only_what_a_person_knows(tmp_path: Path) -> None:
    import keras

    model = classifier(keras.layers.Rescaling(1 / 255), normalization())
    found = inspect_model(saved(model, tmp_path, "My Chest-Model.v2.keras"))
    card = json.loads(found.card_json())
    assert card["name"] == "my_chest-model"
    assert card["dropout"] == 0.25
    assert card["weights"]["sha256"] == found.facts.sha256
    assert set(open_fields(card)) == {
        "title", "architecture", "classes.0.label", "classes.1.label", "classes.2.label",
        "training_data.name", "training_data.source", "training_data.licence",
        "training_data.population", "training_data.images", "training_data.recipe",
        "limitations.0", "input.fit", "input.kernel", "input.antialias",
    }  # fmt: skip
    assert "torchvision's presets resize" in found.describe()
    assert "image_dataset_from_directory" in found.to_dict()["geometry"]
    with pytest.raises(CardError, match=r"field input\.fit: .*received 'fill in: how training"):
        parse_card(card, "skeleton")
    card["input"] |= {"fit": "pad", "kernel": "bicubic", "antialias": False}
    with pytest.raises(CardError, match=r"field training_data\.images: .*received 'fill in"):
        parse_card(card, "skeleton")
    card["training_data"]["images"] = 100
    assert parse_card(card, "skeleton").contract.statistics is not None


@pytest.mark.usefixtures("in_process")
def test_weights_with_a_card_that_claims_more(tmp_path: Path) -> None:
    content = card_content()
    card = parse_card(content, "a")
    (tmp_path / "card.json").write_text(json.dumps(content))
    build_from_card(card).save_weights(tmp_path / "a.weights.h5")
    found = inspect_model(tmp_path / "a.weights.h5", tmp_path / "card.json")
    assert found.facts.architecture == "EfficientNetB0"
    assert [issue.kind for issue in found.issues] == ["unadapted_normalization"]
    assert found.check is not None
    assert not found.check.agrees
    assert "At the first convolution" in found.check.message
    assert found.card["title"] == content["title"]
    assert found.card["contract"]["layers"] == ["Rescaling", "Normalization"]


@pytest.mark.usefixtures("in_process")
def test_a_card_with_imagenets_third_layer_brings_it_back(tmp_path: Path) -> None:
    """It has no weights: only the card can tell that it was there."""
    content = card_content()
    content["contract"] |= {"layers": ["Rescaling", "Normalization", "Rescaling"]}
    model = build_from_card(parse_card(content, "a"))
    adapt_to_imagenet(model)
    (tmp_path / "card.json").write_text(json.dumps(content))
    model.save_weights(tmp_path / "a.weights.h5")
    found = inspect_model(tmp_path / "a.weights.h5", tmp_path / "card.json")
    assert [layer["kind"] for layer in found.to_dict()["layers"]] == content["contract"]["layers"]
    # Red, 0 to 255, as published for weights="imagenet": -0.485 / 0.229 and (1 - 0.485) / 0.229.
    assert found.to_dict()["first_convolution"]["raw"]["low"][0] == pytest.approx(-2.1179, abs=1e-3)
    assert found.to_dict()["first_convolution"]["raw"]["high"][0] == pytest.approx(2.2489, abs=1e-3)
    assert "dropped_third_layer" not in {issue.kind for issue in found.issues}


def test_the_bundled_model_is_as_its_card_says() -> None:
    """In a process of its own, as a person's call would be."""
    folder = ROOT / "models" / BUNDLED
    found = inspect_model(folder / "float16.weights.h5", folder / "card.json")
    assert found.issues == ()
    assert found.check is not None
    assert found.check.agrees
    assert found.expectation.reached == pytest.approx((-2.0415, 2.1924), abs=1e-3)
