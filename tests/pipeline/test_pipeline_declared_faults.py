"""A declared file that is damaged, odd or hostile is one sentence; one that says less says so."""

import json
import random
from typing import Any

import pytest

from tests.fakes import card_content
from tests.pipeline.declared_files import EVERY, HUGGING_FACE, TIMM
from xray_app.core.errors import InputError, UnknownChoice, XrayAppError
from xray_app.pipeline.contracts.contract import InputContract
from xray_app.pipeline.contracts.fields import MOST_BYTES
from xray_app.pipeline.contracts.reading import parse_declared, read_declared

VIT = HUGGING_FACE["hf_vit"]
MONAI: dict[str, Any] = {
    "type": "image", "format": "magnitude", "modality": "CR", "num_channels": 1,
    "spatial_shape": [96, 80], "dtype": "float32", "value_range": [0, 1], "is_patch_data": False,
    "channel_def": {"0": "image"},
}  # fmt: skip


def parsed(content: Any) -> InputContract:
    return parse_declared(json.dumps(content).encode(), "file.json")


def refusal(data: bytes) -> str:
    with pytest.raises(XrayAppError) as caught:
        parse_declared(data, "file.json")
    return str(caught.value)


def bundle(**changes: Any) -> dict[str, Any]:
    return {"network_data_format": {"inputs": {"image": MONAI | changes}, "outputs": {}}}


def timm(**changes: Any) -> dict[str, Any]:
    return {"pretrained_cfg": TIMM["timm_center"]["pretrained_cfg"] | changes}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Expected JSON, or a preset as torchvision prints it, in file.json"),
        (b"\x80\x04\x95", "Expected JSON, or a preset"),
        (b"{", "file.json is not JSON"),
        (b"[1, 2]", "Expected a JSON object with fields in file.json, received [1, 2]"),
        (b'{"image_mean": NaN}', "NaN is no number in JSON"),
        (b'{"image_mean": -Infinity}', "-Infinity is no number in JSON"),
        (b'{"size": \xff}', "file.json is not JSON"),
        (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "nested too deep"),
        (b'{"image_mean": ' + b"[" * 100 + b"]" * 100 + b"}", "nested too deep"),
        (b"{" + b" " * MOST_BYTES + b"}", "at most 4 MB"),
        (b'{"rescale_factor": ' + b"9" * 5000 + b"}", "file.json is not JSON"),
        (b'{"model_type": "vit", "hidden_size": 768}', "says nothing of preprocessing"),
        (b"{}", "says nothing of preprocessing"),
    ],
)
def test_what_is_no_declaration(data: bytes, words: str) -> None:
    assert words in refusal(data)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (VIT | {"resample": 9}, "PIL.Image.Resampling from 0 to 5 in field resample, received 9"),
        (VIT | {"resample": True}, "field resample, received True"),
        (VIT | {"resample": "sinc"}, "field resample, received 'sinc'"),
        (VIT | {"image_mean": ["a", 1, 2]}, "field image_mean, received ['a', 1, 2]"),
        (VIT | {"image_mean": [0.5] * 4}, "one finite number, or one for each of 3 channels"),
        (VIT | {"image_mean": [1e999, 0, 0]}, "not JSON: Infinity"),
        (VIT | {"image_std": [0.5, 0, 0.5]}, "numbers above 0 in field image_std"),
        (VIT | {"rescale_factor": "1/255"}, "field rescale_factor, received '1/255'"),
        (VIT | {"rescale_factor": 0}, "a number from 1e-09 to 1e+06 in field rescale_factor"),
        (VIT | {"rescale_factor": 10**400}, "field rescale_factor, received 1000000"),
        (VIT | {"do_resize": "yes"}, "true or false in field do_resize, received 'yes'"),
        (VIT | {"size": {"height": 32}}, "shortest_edge or height and width in field size"),
        (VIT | {"size": {"height": 32, "width": 1e6}}, "1 to 8192 in field size.width"),
        (VIT | {"size": {"height": 2.5, "width": 3}}, "in field size.height, received 2.5"),
        (VIT | {"size": -3}, "field size, received -3"),
        (VIT | {"size": "large"}, "field size, received 'large'"),
        (VIT | {"do_center_crop": True}, "pixels, or an object with height and width in field"),
        (VIT | {"image_processor_type": 7}, "a name in field image_processor_type"),
        (VIT | {"image_processor_type": "a\nb"}, "digits and underscores, in field image_proc"),
        (VIT | {"feature_extractor_type": "<b>"}, "in field feature_extractor_type, received '<"),
        (VIT | {"image_processor_type": "\ud800x"}, "file.json is not JSON"),
        (bundle() | {"network_data_format": {"inputs": {"\udc00": {}}}}, "file.json is not JSON"),
        (timm(input_size=[224, 224, 3]), "[channels, height, width] with 1 or 3 channels"),
        (timm(input_size="224"), "field pretrained_cfg.input_size, received '224'"),
        (timm(interpolation="sinc"), "one of bicubic, bilinear, box, hamming"),
        (timm(crop_pct=0), "a number from 0.05 to 1 in field pretrained_cfg.crop_pct"),
        (timm(crop_mode="corner"), "one of border, center, squash"),
        (timm(std=[0, 0, 0]), "numbers above 0"),
        (timm(test_input_size=[3]), "field pretrained_cfg.test_input_size"),
        ({"pretrained_cfg": [1]}, "an object in field pretrained_cfg, received [1]"),
        ({"crop_size": 224, "resize_size": 100}, "at least the crop's 224 pixels"),
        ({"crop_size": [1, 2]}, "a list of one, in field crop_size"),
        (bundle(num_channels=4), "1 or 3 in field network_data_format.inputs.image.num_channels"),
        (bundle(spatial_shape=[160, 160, 160]), "takes 3D images"),
        (bundle(spatial_shape=[]), "a list [height, width]"),
        (bundle(spatial_shape=[-1, 2]), "expressions such as '16*n'"),
        (bundle(value_range=[1, 0]), "[lower end, upper end]"),
        (bundle(value_range=["a", "b"]), "[lower end, upper end]"),
        ({"network_data_format": {"inputs": {}}}, "one input of type image"),
        ({"network_data_format": {"inputs": {"a": MONAI, "b": MONAI}}}, "received 2"),
    ],
)
def test_a_wrong_field_is_named(content: Any, words: str) -> None:
    message = refusal(json.dumps(content).encode())
    message.encode()
    assert words in message
    assert message.count(". ") <= 1


@pytest.mark.parametrize(
    ("content", "missing", "words"),
    [
        (VIT | {"resample": 4}, "sampling", "kernel 'box' is not reproduced"),
        (VIT | {"size": {"longest_edge": 100}}, "fit", "depends on the image's"),
        (VIT | {"size": {"shortest_edge": 100}}, "fit", "nothing is cropped"),
        (VIT | {"do_resize": False}, "fit", "images go in at their own size"),
        (VIT | {"image_processor_type": "LevitImageProcessor"}, "fit", "a way of its own"),
        (
            VIT | {"image_processor_type": "EfficientNetImageProcessor"},
            "scale",
            "scales values in a way of its own",
        ),
        ({"do_normalize": True, "size": 224}, "scale", "image_mean and image_std are not stated"),
        ({"do_normalize": True, "size": 224}, "sampling", "resample is not stated"),
        (timm(interpolation="random"), "sampling", "by chance, for training"),
        (timm(interpolation="hamming"), "sampling", "kernel 'hamming' is not reproduced"),
        (bundle(), "fit", "How an image is fitted is not in metadata.json"),
        (bundle(value_range=[]), "scale", "The range of values is not stated"),
    ],
)
def test_what_a_file_leaves_open_is_said(content: Any, missing: str, words: str) -> None:
    contract = parsed(content)
    assert not getattr(contract, missing)
    assert not contract.is_whole
    assert any(words in note for note in contract.notes)
    assert "not stated" in contract.text
    with pytest.raises(InputError, match="does not state all"):
        contract.description((50, 40))


def test_shortest_edge_counts_before_height_and_width() -> None:
    size = {"shortest_edge": 40, "height": 32, "width": 32}
    contract = parsed(VIT | {"size": size, "do_center_crop": True, "crop_size": 32})
    assert (contract.fit_text, contract.number) == ("shorter side to 40, then centre crop", 40.0)


def test_a_bundle_of_one_channel() -> None:
    contract = parsed(bundle(spatial_shape=["16*n", "*"]))
    assert (contract.channels, contract.size_text, contract.ends) == (1, "not stated", (0.0, 1.0))
    assert contract.scheme == "rescale"
    assert parsed(bundle(value_range=[-1, 1])).scheme == "signed"
    assert parsed(bundle()).size_text == "96 × 80"


def test_a_preset_as_torchvision_prints_it() -> None:
    text = (
        "ImageClassification(\n    crop_size=[224]\n    resize_size=[232]\n"
        "    mean=[0.485, 0.456, 0.406]\n    std=[0.229, 0.224, 0.225]\n"
        "    interpolation=InterpolationMode.BILINEAR\n)"
    )
    printed = parse_declared(text.encode(), "preset.txt")
    for encoding in ("utf-8-sig", "utf-16"):  # an editor's of Windows, and PowerShell's
        assert parse_declared(text.encode(encoding), "preset.txt") == printed
        assert parse_declared(json.dumps(VIT).encode(encoding), "file.json") == parsed(VIT)
    named = read_declared("torchvision:ResNet50_Weights.IMAGENET1K_V2")
    assert printed.text == named.text
    assert named.geometry is not None
    assert named.geometry.text == "shorter side to 232, then centre crop, bilinear, antialiased"
    assert named.scheme == "imagenet"


def test_names_instead_of_files() -> None:
    vgg = read_declared("keras:VGG16")
    assert (vgg.order, vgg.scheme, vgg.layout) == ("BGR", "caffe", "NHWC")
    # Caffe's: white in blue is 255 - 103.939, black in red is -123.68.
    assert vgg.ends == pytest.approx((-123.68, 151.061))
    assert read_declared("keras:EfficientNetB4").scheme == "raw"
    for name in ("keras:VGG99", "torchvision:ResNet50_Weights.V9"):
        with pytest.raises(UnknownChoice):
            read_declared(name)
    with pytest.raises(XrayAppError, match=r"Can't read nowhere\.json"):
        read_declared("nowhere.json")


def test_a_card_of_this_app_is_a_declaration() -> None:
    contract = parsed(card_content())
    assert (contract.scheme, contract.layout) == ("raw", "NHWC")
    assert contract.is_whole
    broken = card_content()
    broken["input"]["fit"] = "glued"
    assert "field input.fit" in refusal(json.dumps(broken).encode())


ODD = [
    None,
    True,
    -1,
    0,
    1e308,
    "",
    "x" * 5000,
    [],
    {},
    [[]],
    [None] * 3,
    {"a": {}},
    2**70,
    [1e308],
]


def test_no_traceback_over_a_thousand_mutations() -> None:
    """Every field of every file takes odd values, and bytes fall out or change."""
    rng = random.Random(20)
    files = [*EVERY.values(), bundle(), card_content()]
    for round_ in range(1000):
        content = json.loads(json.dumps(rng.choice(files)))
        for inner in (content, content.get("pretrained_cfg", content)):
            inner[rng.choice(list(inner))] = rng.choice(ODD)
        data = bytearray(json.dumps(content).encode())
        if round_ % 2:
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            contract = parse_declared(bytes(data), "file.json")
            assert contract.text
            json.dumps(contract.to_dict(), allow_nan=False)
            _ = contract.geometry
            if contract.is_whole and (contract.height or 0) < 500 > (contract.width or 0):
                contract.description((60, 50))
        except XrayAppError as error:
            assert str(error)
