"""What inspection says of whole and of broken models, its card, and the contract check."""

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import BUNDLED, ROOT
from tests.engines.keras_models import (
    classifier,
    imagenet_efficientnet,
    normalization,
    saved,
    with_head,
)
from tests.fakes import FakeEngine, card_content, fake_card
from xray_app.core.card import parse_card
from xray_app.core.errors import CardError, UnsupportedFile
from xray_app.core.records import Radiograph
from xray_app.engines.architectures import build_from_card
from xray_app.engines.families import adapt_to_imagenet, build_backbone
from xray_app.engines.inspection import examine
from xray_app.services import inspection
from xray_app.services.card_skeleton import FILL_IN, open_fields
from xray_app.services.contract_check import check_contract
from xray_app.services.inside_model import follow_pixel, look_inside
from xray_app.services.inspection import Inspection, inspect_bytes, inspect_model


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inspect without a child, where the time of starting one would be all there is to see."""
    monkeypatch.setattr(inspection, "call_in_child", lambda f, *arguments, seconds: f(*arguments))


def inspect(model: Any, folder: Path, name: str = "model.keras") -> Inspection:
    return inspect_model(saved(model, folder, name))


def kinds(found: Inspection) -> list[str]:
    return [finding.kind for finding in found.findings]


def message(found: Inspection, kind: str) -> str:
    return next(f.message for f in found.findings if f.kind == kind)


@pytest.mark.usefixtures("in_process")
class TestWholeModels:
    def test_bytes_standardised_inside(self, tmp_path: Path) -> None:
        import keras

        found = inspect(classifier(keras.layers.Rescaling(1 / 255), normalization()), tmp_path)
        assert kinds(found) == []
        assert found.expectation.scheme == "raw"
        assert found.expectation.measured
        assert found.expectation.reached == pytest.approx((-2.0, 2.16667), rel=1e-4)
        contract = found.card["contract"]
        assert contract["layers"] == ["Rescaling", "Normalization"]
        assert contract["mean"] == pytest.approx([0.48] * 3, abs=1e-5)
        assert contract["variance"] == pytest.approx([0.0576] * 3, abs=1e-5)
        assert contract["range"] == [0.0, 255.0]

    def test_imagenets_three_layers(self, tmp_path: Path) -> None:
        model = with_head(imagenet_efficientnet(third_layer=True))
        found = inspect(model, tmp_path)
        assert kinds(found) == []
        assert found.facts.architecture == "EfficientNetB0"
        assert found.expectation.reached == pytest.approx((-2.1179, 2.64), rel=1e-4)
        variance = found.card["contract"]["variance"]
        assert variance == pytest.approx([0.229**2, 0.224**2, 0.225**2], rel=1e-3)

    @pytest.mark.parametrize(
        ("scale", "offset", "scheme"),
        [(1 / 255, 0.0, "raw"), (1 / 127.5, -1.0, "raw"), (2.0, -1.0, "rescale"),
         (0.5, 0.5, "signed"), (4.0, -2.0, "rescale"), (1.0, -110.0, "raw"), (1.0, 0.0, None),
         (30.0, 0.0, None)],
    )  # fmt: skip
    def test_the_scheme_is_told_from_the_layers(
        self, scale: float, offset: float, scheme: str | None, tmp_path: Path
    ) -> None:
        import keras

        found = inspect(classifier(keras.layers.Rescaling(scale, offset)), tmp_path)
        assert found.expectation.scheme == scheme

    def test_nothing_inside_is_told_from_the_family(self, tmp_path: Path) -> None:
        found = inspect(with_head(build_backbone("MobileNetV2")), tmp_path)
        assert found.expectation.scheme == "signed"
        assert not found.expectation.measured
        assert "trained otherwise" in found.expectation.reason

    def test_nothing_inside_and_no_family(self, tmp_path: Path) -> None:
        found = inspect(classifier(), tmp_path)
        assert found.expectation.scheme is None
        assert found.card["contract"]["scheme"].startswith(FILL_IN)
        assert "No layer in front." in found.describe()


@pytest.mark.usefixtures("in_process")
class TestBrokenModels:
    def test_the_third_layer_dropped(self, tmp_path: Path) -> None:
        found = inspect(imagenet_efficientnet(third_layer=False), tmp_path)
        assert kinds(found) == ["dropped_third_layer", "input_or_head"]
        assert "2.09, 2.11, 2.11 times too small" in message(found, "dropped_third_layer")

    def test_an_unadapted_normalization(self, tmp_path: Path) -> None:
        import keras

        found = inspect(classifier(keras.layers.Normalization()), tmp_path)
        assert kinds(found) == ["unadapted_normalization"]
        assert "right only if the model was trained so" in found.findings[0].message

    def test_an_unadapted_normalization_under_imagenets_third_layer(self, tmp_path: Path) -> None:
        import keras

        layers = keras.layers
        third = layers.Rescaling([1 / np.sqrt(s) for s in (0.229, 0.224, 0.225)])
        front = (layers.Rescaling(1 / 255), layers.Normalization(), third)
        found = inspect(classifier(*front), tmp_path)
        assert kinds(found) == ["unadapted_normalization"]
        assert "ImageNet's mean and deviation were lost" in found.findings[0].message

    def test_rescaling_in_front_of_a_backbone_that_rescales(self, tmp_path: Path) -> None:
        import keras

        backbone = classifier(keras.layers.Rescaling(1 / 127.5, -1.0))
        backbone.name = "backbone"
        found = inspect(with_head(backbone, keras.layers.Rescaling(1 / 255)), tmp_path)
        assert kinds(found) == ["double_rescaling"]
        assert "backbone/rescaling" in message(found, "double_rescaling")
        assert found.expectation.scheme is None

    def test_a_nested_legacy_file_loses_its_statistics(self, tmp_path: Path) -> None:
        """Keras 3.15.1 finalizes the layers on top only."""
        import keras

        inner = classifier(keras.layers.Rescaling(1 / 255), normalization())
        model = keras.Sequential([keras.Input((32, 32, 3)), inner])
        found = inspect(model, tmp_path, "model.h5")
        assert kinds(found) == ["lost_statistics"]
        assert "holds mean 0.48 and variance 0.0576" in found.findings[0].message
        assert kinds(inspect(model, tmp_path)) == []

    def test_a_legacy_file_of_an_old_keras(self, tmp_path: Path) -> None:
        import h5py
        import keras

        path = saved(classifier(keras.layers.Normalization()), tmp_path, "model.h5")
        with h5py.File(path, "r+") as file:
            file.attrs["keras_version"] = b"3.4.1"
        found = inspect_model(path)
        assert kinds(found) == ["lost_statistics", "unadapted_normalization"]
        assert "Keras 3.4.1" in found.findings[0].message

    def test_mixed_precision(self, tmp_path: Path) -> None:
        import keras

        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy("mixed_float16")
        try:
            model = classifier(keras.layers.Rescaling(1 / 255))
        finally:
            keras.config.set_dtype_policy(before)
        found = inspect(model, tmp_path)
        assert kinds(found) == ["mixed_precision"]
        assert found.expectation.scheme == "raw"

    def test_a_clip_one_channel_and_one_output(self, tmp_path: Path) -> None:
        import keras

        model = classifier(lambda x: keras.ops.clip(x, 0, 1), channels=1, outputs=1)
        found = inspect(model, tmp_path)
        assert kinds(found) == ["not_affine", "input_or_head", "input_or_head"]

    def test_a_lambda_is_one_sentence(self, tmp_path: Path) -> None:
        import keras

        with pytest.raises(UnsupportedFile, match="Refused model.keras: layer 'half' is a Lambda"):
            inspect(classifier(keras.layers.Lambda(lambda x: x / 2, name="half")), tmp_path)


@pytest.mark.usefixtures("in_process")
def test_the_card_skeleton_needs_only_what_a_person_knows(tmp_path: Path) -> None:
    import keras

    model = classifier(keras.layers.Rescaling(1 / 255), normalization())
    found = inspect(model, tmp_path, "My Chest-Model.v2.keras")
    card = json.loads(found.card_json())
    assert card["name"] == "my_chest-model"
    assert card["dropout"] == 0.25
    assert card["weights"]["sha256"] == found.facts.sha256
    assert set(open_fields(card)) == {
        "title", "architecture", "classes.0.label", "classes.1.label", "classes.2.label",
        "training_data.name", "training_data.source", "training_data.licence",
        "training_data.population", "training_data.images", "training_data.recipe",
        "limitations.0",
    }  # fmt: skip
    with pytest.raises(CardError, match=r"field training_data\.images: .*received 'fill in"):
        parse_card(card, "skeleton")
    card["training_data"]["images"] = 100
    assert parse_card(card, "skeleton").contract.statistics is not None


@pytest.mark.usefixtures("in_process")
def test_the_result_is_plain_json(tmp_path: Path) -> None:
    import keras

    found = inspect(classifier(keras.layers.Rescaling(1 / 255)), tmp_path)
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert plain["expects"]["scheme"] == "raw"
    assert plain["layers"][0]["affine"]["gain"] == pytest.approx([1 / 255] * 3)
    assert plain["layers"][0]["outputs"]["255"] == pytest.approx([1.0] * 3)
    assert plain["first_convolution"]["rescale"]["high"] == pytest.approx([1 / 255] * 3)
    assert plain["contract_check"] is None
    assert "Expects: raw" in found.describe()


@pytest.mark.usefixtures("in_process")
def test_weights_with_a_card_that_claims_more(tmp_path: Path) -> None:
    content = card_content()
    card = parse_card(content, "a")
    (tmp_path / "card.json").write_text(json.dumps(content))
    build_from_card(card).save_weights(tmp_path / "a.weights.h5")
    found = inspect_model(tmp_path / "a.weights.h5", tmp_path / "card.json")
    assert found.facts.architecture == "EfficientNetB0"
    assert kinds(found) == ["unadapted_normalization"]
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
    assert "dropped_third_layer" not in kinds(found)


def test_the_bundled_model_is_as_its_card_says() -> None:
    """In a process of its own, as a person's call would be."""
    folder = ROOT / "models" / BUNDLED
    found = inspect_model(folder / "float16.weights.h5", folder / "card.json")
    assert kinds(found) == []
    assert found.check is not None
    assert found.check.agrees
    assert found.expectation.reached == pytest.approx((-2.0415, 2.1924), abs=1e-3)


def test_an_upload_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int]] = []

    def look(function: Any, path: Path, card: Any, seconds: float) -> Any:
        seen.append((path.name, path.parent.stat().st_mode & 0o777))
        return function(path, card)

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(inspection, "call_in_child", look)
    with pytest.raises(UnsupportedFile, match="neither by its content"):
        inspect_bytes(b"nothing", "../../Jane Doe.keras")
    assert seen == [(".._.._Jane_Doe.keras", 0o700)]
    assert list(tmp_path.iterdir()) == []


GAIN, OFFSET = (1 / (255 * 0.25),) * 3, (-2.0,) * 3
KINDS = ("Rescaling", "Normalization")


@pytest.mark.parametrize(
    ("changes", "layers", "offset", "sentence"),
    [
        ({}, KINDS, OFFSET, None),
        ({}, ("Rescaling",), OFFSET, "declares Rescaling, Normalization; Rescaling found"),
        ({"range": [0, 1]}, KINDS, OFFSET, "declares 0 to 1, but its scheme raw gives 0 to 255"),
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


def test_a_card_that_names_another_scheme(tmp_path: Path, fake: FakeEngine) -> None:
    contract = card_content()["contract"] | {"scheme": "rescale", "range": [0, 1], "mean": []}
    engine = FakeEngine(fake_card(contract=contract))
    inside = look_inside(engine, _gradient())
    assert not inside.check.agrees
    assert "declares rescale, but the layers are made for raw" in inside.check.message


def test_every_scheme_and_what_it_sends(fake: FakeEngine, radiograph: Radiograph) -> None:
    inside = look_inside(fake, radiograph)
    assert inside.check.agrees
    assert inside.findings == ()
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


def _gradient() -> Radiograph:
    from tests.conftest import make_radiograph

    return make_radiograph(np.tile(np.arange(32, dtype=np.uint8) * 8, (32, 1)))


def test_examine_says_nothing_of_a_card(tmp_path: Path) -> None:
    import keras

    facts = examine(saved(classifier(keras.layers.Rescaling(1 / 255)), tmp_path), fake_card())
    assert facts.architecture is None
