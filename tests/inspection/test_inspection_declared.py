"""What a file declares against what the layers do."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.engines.keras_models import classifier, normalization, saved
from xray_app.core.errors import InputError
from xray_app.inspection.declared import check_declared, contract_to_feed, with_declared
from xray_app.inspection.inspection import Inspection, inspect_model
from xray_app.inspection.skeleton import open_fields
from xray_app.pipeline import InputContract, input_code, parse_declared, read_declared

pytestmark = pytest.mark.usefixtures("in_process")
VIT: dict[str, Any] = {
    "image_processor_type": "ViTImageProcessor", "size": {"height": 32, "width": 32},
    "resample": 2, "do_convert_rgb": True,
    "image_mean": [0.48, 0.48, 0.48], "image_std": [0.24, 0.24, 0.24],
}  # fmt: skip


def declared(**changes: Any) -> InputContract:
    return parse_declared(json.dumps(VIT | changes).encode(), "preprocessor_config.json")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By what stands in front of the convolution."""
    import keras

    folder = tmp_path_factory.mktemp("models")
    rescaling = keras.layers.Rescaling
    fronts: dict[str, tuple[Any, ...]] = {
        "both": (rescaling(1 / 255), normalization()),  # mean 0.48, variance 0.0576
        "rescaling": (rescaling(1 / 255),),
        "none": (),
        "odd": (rescaling(1 / 1000),),
    }
    return {name: saved(classifier(*f), folder, f"{name}.keras") for name, f in fronts.items()}


@pytest.fixture
def found(models: dict[str, Path], request: pytest.FixtureRequest) -> Inspection:
    return inspect_model(models[request.param])


@pytest.mark.parametrize(
    ("found", "changes", "agrees", "words"),
    [
        (
            "both", {}, False,
            "preprocessor_config.json says mean 0.48, std 0.24; the graph already does that to "
            "values 0 to 255: normalised twice. At the first convolution: contrast divided by",
        ),
        (
            "both", {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}, False,
            "the graph already subtracts a mean (0.48 of 0 to 1): normalised twice",
        ),
        (
            "both", {"do_normalize": False}, False,
            "says values 0 to 1; the graph already divides bytes by 61.2: rescaled twice",
        ),
        ("both", {"do_normalize": False, "do_rescale": False}, True, "Fits: "),
        (
            "rescaling", {"do_normalize": False}, False,
            "the graph already does that to values 0 to 255: normalised twice",
        ),
        ("rescaling", {"do_normalize": False, "do_rescale": False}, True, "values 0 to 255"),
        ("none", {}, None, "the layers can't tell; preprocessor_config.json says mean 0.48"),
        (
            "none", {"do_normalize": False, "do_rescale": False}, False,
            "nothing inside the model rescales, and preprocessor_config.json gives the first "
            "convolution 0 to 255",
        ),
    ],
    indirect=["found"],
)  # fmt: skip
def test_the_values_are_compared(
    found: Inspection, changes: dict[str, Any], agrees: bool | None, words: str
) -> None:
    check = check_declared(declared(**changes), found)
    assert (check.agrees, words in check.message) == (agrees, True), check.message
    assert json.dumps(check.to_dict(), allow_nan=False)


@pytest.mark.parametrize("found", ["both"], indirect=True)
def test_the_table_says_what_agrees(found: Inspection) -> None:
    check = check_declared(declared(size={"height": 224, "width": 224}), found)
    rows = {row.aspect: (row.declared, row.measured, row.answer) for row in check.aspects}
    assert rows["size"] == ("224 × 224", "32 × 32", "no")
    assert rows["channels"] == ("3, RGB", "3", "yes")
    assert rows["axes"] == ("NCHW", "NHWC: transpose the tensor", "no")
    # Black and white are -2 and 2.167; through (x / 255 - 0.48) / 0.24 they are nearly one value.
    assert rows["values"] == ("mean 0.48, std 0.24, -2 to 2.167", "made for raw, 0 to 255", "no")
    assert rows["at the first convolution"] == ("-2.033 to -1.965", "-2 to 2.167", "no")
    assert rows["fit"] == ("stretched", "not in a model's file", "can't tell")
    assert rows["kernel"][0].startswith("bilinear, antialiased, rounded")


@pytest.mark.parametrize("found", ["odd"], indirect=True)
def test_layers_for_no_usual_scheme_may_fit_a_declared_one(found: Inspection) -> None:
    assert found.expectation.scheme is None
    # 0 to 1023, as from 10 bits, is 0 to 1.023 at the first convolution; 0 to 255 is too little.
    check = check_declared(declared(do_normalize=False, rescale_factor=1023 / 255), found)
    assert check.agrees
    assert check.message.endswith("the first convolution gets 0 to 1.023.")
    check = check_declared(declared(do_normalize=False, do_rescale=False), found)
    assert (check.agrees, check.message[:13]) == (False, "Does not fit:")


@pytest.mark.parametrize("found", ["none"], indirect=True)
def test_a_range_alone_and_no_range(found: Inspection) -> None:
    inputs = {
        "type": "image", "num_channels": 3, "spatial_shape": [32, 32], "value_range": [0, 1]
    }  # fmt: skip
    bundle = {"network_data_format": {"inputs": {"image": inputs}}}
    contract = parse_declared(json.dumps(bundle).encode(), "metadata.json")
    assert check_declared(contract, found).agrees is None
    inputs["value_range"] = []
    contract = parse_declared(json.dumps(bundle).encode(), "metadata.json")
    check = check_declared(contract, found)
    assert (check.agrees, "does not state" in check.message) == (None, True)
    with pytest.raises(InputError, match="values that the model takes are not stated"):
        input_code(contract_to_feed(found, contract), "numpy")


@pytest.mark.parametrize("found", ["both"], indirect=True)
def test_code_takes_values_from_the_layers_and_the_fit_from_the_file(found: Inspection) -> None:
    fed = contract_to_feed(found, declared(size=40, do_center_crop=True, crop_size=32))
    assert (fed.scheme, fed.fit, fed.layout) == ("raw", "stretch-crop-floor", "NHWC")
    assert fed.source == "preprocessor_config.json (fit) and both.keras, measured (values),"
    alone = contract_to_feed(found)
    assert (alone.scheme, alone.fit, alone.height) == ("raw", "", 32)


@pytest.mark.parametrize("found", ["none"], indirect=True)
def test_the_card_is_filled_in_from_the_file(found: Inspection) -> None:
    before = set(open_fields(found.card))
    filled = with_declared(found, read_declared("torchvision:ResNet50"))
    assert before - set(open_fields(filled.card)) == {
        "contract.range.0", "contract.range.1", "contract.scheme", "input.antialias", "input.fit",
        "input.kernel",
    }  # fmt: skip
    assert filled.card["input"]["resize_to"] == 256
    assert filled.card["contract"]["scheme"] == "imagenet"
    assert "shorter side to 256, then centre crop, bilinear" in filled.geometry_sentence
    assert set(open_fields(found.card)) == before
