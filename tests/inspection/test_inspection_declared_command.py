"""``inspect`` with what a model's makers declared, and the lines to paste."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import BUNDLED, ROOT
from tests.engines.keras_models import classifier, normalization, saved
from xray_app import __main__ as command_line
from xray_app.pipeline import SNIPPETS

VIT: dict[str, Any] = {
    "image_processor_type": "ViTImageProcessor", "size": {"height": 40, "width": 40}, "resample": 3,
    "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225],
}  # fmt: skip


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = command_line.main(["inspect", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture
def model(tmp_path: Path, in_process: None) -> Path:
    import keras

    return saved(classifier(keras.layers.Rescaling(1 / 255), normalization()), tmp_path)


def test_a_file_beside_the_model_is_found(capsys: pytest.CaptureFixture[str], model: Path) -> None:
    (model.parent / "preprocessor_config.json").write_text(json.dumps(VIT))
    (model.parent / "config.json").write_text('{"model_type": "vit", "hidden_size": 768}')
    card = model.parent / "card.json"
    status, out, err = run(
        capsys, str(model), "--code", "torchvision", "--write-card", str(card)
    )  # fmt: skip
    assert (status, err) == (0, "")
    assert "Declared by preprocessor_config.json (Hugging Face): 40 × 40; stretched" in out
    assert "the graph already subtracts a mean (0.48 of 0 to 1): normalised twice" in out
    assert "agree?" in out
    # The model's own size and values, the file's kernel.
    assert "v2.Resize((32, 32), InterpolationMode.BICUBIC, antialias=True)" in out
    assert "v2.Lambda(lambda x: x * 255)" in out
    written = json.loads(card.read_text())
    assert written["input"]["kernel"] == "bicubic"
    assert written["contract"]["scheme"] == "raw"


def test_a_damaged_file_beside_the_model_is_no_error(
    capsys: pytest.CaptureFixture[str], model: Path
) -> None:
    (model.parent / "config.json").write_text('{"input_size": [3, 0, 0]}')
    status, out, _ = run(capsys, str(model))
    assert status == 0
    assert "Expects: raw" in out
    assert "Not used, though it lies beside the model: config.json: expected [channels," in out


def test_json_has_the_table(capsys: pytest.CaptureFixture[str], model: Path) -> None:
    given = str(model), "--declared", "torchvision:ResNet50", "--declared", "keras:MobileNetV2"
    _, out, _ = run(capsys, *given, "--code", "keras", "--json")
    result = json.loads(out)
    assert [each["contract"]["library"] for each in result["declared"]] == ["torchvision", "Keras"]
    assert [each["agrees"] for each in result["declared"]] == [False, False]
    table = {row["aspect"]: row["agrees"] for row in result["declared"][0]["table"]}
    assert table["size"] is False
    assert result["code"]["library"] == "keras"


def test_a_measured_model_alone_has_code(capsys: pytest.CaptureFixture[str], model: Path) -> None:
    _, out, _ = run(capsys, str(model), "--code", "opencv")
    assert "# Not stated, so taken here: stretched, bilinear, antialiased." in out
    assert "OpenCV has no antialiased bilinear" in out
    assert "x = x * np.array([255, 255, 255], np.float32)" in out


@pytest.mark.parametrize("library", SNIPPETS)
def test_a_declaration_alone(capsys: pytest.CaptureFixture[str], library: str) -> None:
    card = ROOT / "models" / BUNDLED / "card.json"
    for given in ("torchvision:ViT_B_16", str(card)):
        status, out, _ = run(capsys, given, "--code", library)
        assert status == 0
        assert "In this app's words: --scheme" in out
        assert "tensor" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["torchvision:ResNet5000"], "torchvision has no classification weights 'ResNet5000'"),
        (["nowhere.json"], "Can't read nowhere.json"),
        (["keras:VGG16", "--card", "card.json"], "is a declaration, not a model"),
        (["keras:VGG16", "--code", "theano"], "Unknown library 'theano'"),
    ],
)
def test_faults_are_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    status, out, err = run(capsys, *arguments)
    assert (status, out if "--code" not in arguments else "") == (2, "")
    assert words in err
    assert err.count("\n") == 1
