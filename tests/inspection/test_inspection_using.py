"""A model's own file in use: what its card says, what must be asked for, which maps it allows."""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.command_line import run
from tests.engines.onnx_models import Written, classifier, kernel, saved
from xray_app.commands.common import own_model_arguments, use_of
from xray_app.core.errors import InputError, UnknownChoice, UnsupportedFile
from xray_app.explain import CLASS_ACTIVATIONS
from xray_app.inspection.inspection import Inspection, inspect_bytes, inspect_model
from xray_app.inspection.using import (
    Use,
    brought_card,
    fitting_explanations,
    is_model_file,
    open_file,
)


def inspected(folder: Path, **changes: Any) -> Inspection:
    return inspect_model(saved(classifier(**changes), folder))


@pytest.mark.usefixtures("in_process")
class TestCard:
    def test_what_is_measured_stands_in_it(self, tmp_path: Path) -> None:
        found = inspected(tmp_path)
        card = brought_card(found, Use(labels=("Normal", "Bacterial pneumonia", "2 Viral")))
        assert card.class_names == ("normal", "bacterial_pneumonia", "class_2_viral")
        assert (card.contract.scheme, card.contract.range) == ("rescale", (0.0, 1.0))
        assert (card.input.height, card.input.width) == (32, 32)
        assert card.outputs == "softmax"
        assert card.gate is None
        assert card.calibration is None
        assert card.training_data.images is None
        assert card.brought is not None
        assert card.brought.explanations == (*CLASS_ACTIVATIONS, "scorecam", "occlusion", "rise")
        assert "not calibrated" in card.limitations[0]

    def test_several_labels_and_one(self, tmp_path: Path) -> None:
        many = brought_card(inspected(tmp_path, classes=14, ending="Sigmoid"), Use())
        assert (many.outputs, len(many.classes)) == ("sigmoid", 14)
        one = brought_card(inspected(tmp_path, classes=1, ending="Sigmoid"), Use())
        assert (one.outputs, one.class_names) == ("softmax", ("no", "yes"))

    def test_what_the_file_does_not_tell_is_asked_for(self, tmp_path: Path) -> None:
        model = Written().body().pooled(kernel(3)).model(["N", 3, 32, 32])
        found = inspect_model(saved(model, tmp_path))
        assert found.expectation.scheme is None
        with pytest.raises(InputError, match=r"which scheme model\.onnx was trained with"):
            brought_card(found, Use())
        card = brought_card(found, Use("imagenet"))
        assert card.contract.scheme == "imagenet"
        assert card.brought is not None
        assert card.brought.scheme_known
        family = replace(found.expectation, scheme="signed", measured=False)
        card = brought_card(replace(found, expectation=family), Use())
        assert card.brought is not None
        assert not card.brought.scheme_known
        with pytest.raises(UnknownChoice, match="'imagnet'"):
            brought_card(found, Use("imagnet"))
        with pytest.raises(InputError, match="Expected 3 class names, .* received 2"):
            brought_card(found, Use("imagenet", ("a", "b")))
        with pytest.raises(InputError) as caught:  # on a page there are no options
            brought_card(found, Use())
        assert "--" not in str(caught.value)

    def test_any_size_is_chosen_and_a_small_one_refused(self, tmp_path: Path) -> None:
        found = inspected(tmp_path, size="S")
        assert brought_card(found, Use(side=96)).input.height == 96
        assert brought_card(found, Use()).input.height == 224
        with pytest.raises(UnsupportedFile, match="at least 32 pixels a side, received one of 16"):
            brought_card(inspected(tmp_path, size=16), Use())

    def test_explanations_that_would_take_too_long_are_left_out(self, tmp_path: Path) -> None:
        facts = inspected(tmp_path).facts
        slow = replace(facts, maps="maps", pass_ms=4000.0)  # 128 passes take 8.5 minutes
        assert fitting_explanations(slow) == ("scorecam",)
        assert fitting_explanations(replace(slow, maps="none")) == ()
        fast = replace(facts, maps="none", pass_ms=100.0)
        assert fitting_explanations(fast) == ("occlusion", "rise")

    def test_text_and_json_tell_the_same_contract(self, tmp_path: Path) -> None:
        found = inspected(tmp_path, ending="Softmax")
        values = json.loads(json.dumps(found.to_dict()))
        assert values["layout"] == "NCHW"
        assert values["channel_order"] == "RGB"
        assert values["output_kind"] == "softmax"
        assert values["class_activation_maps"] == "exact"
        text = found.describe()
        assert "Takes (N, 3, 32, 32) float32, channels first, red first" in text
        assert "gives probabilities that add up to 1" in text
        assert "follow from its weights, exactly" in text


def test_names_of_files() -> None:
    for name in ("m.onnx", "M.TFLITE", "folder/m", r"folder\m", "a.keras"):
        assert is_model_file(name)
    assert not is_model_file("cxr_efficientnetb4")


def test_an_uploaded_file_leaves_nothing_behind(tmp_path: Path) -> None:
    data = saved(classifier(), tmp_path).read_bytes()
    before = set(Path("/dev/shm").glob("xray-app-*")) if Path("/dev/shm").is_dir() else set()
    found = inspect_bytes(data, "mine.onnx")
    assert found.expectation.scheme == "rescale"
    after = set(Path("/dev/shm").glob("xray-app-*")) if Path("/dev/shm").is_dir() else set()
    assert {p for p in after - before if any(p.iterdir())} == set()


def test_of_a_second_file_its_own_options_go_before_those_without_prefix() -> None:
    parser = argparse.ArgumentParser()
    own_model_arguments(parser.add_argument_group())
    own_model_arguments(parser.add_argument_group(), "with_")
    given = ["--trained", "unit", "--classes", "A,B", "--side", "64", "--with-trained", "rescale"]
    options = parser.parse_args([*given, "--with-trained-fit", "pad"])
    assert use_of(options, "with_", "") == Use("rescale", ("A", "B"), 64, "pad")
    assert use_of(options, "with_") == Use("rescale", (), None, "pad")
    assert use_of(options) == Use("unit", ("A", "B"), 64, "stretch")


@pytest.mark.usefixtures("in_process")
class TestCommands:
    def test_predict(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = str(saved(classifier(14, ending="Sigmoid", channels=1), tmp_path))
        common = "predict", "sample:normal_1", "--model", path
        status, out, err = run(capsys, *common, "--explain", "hirescam", "--json")
        result = json.loads(out)
        assert status == 0
        assert "is your own model: nothing checks" in err
        assert result["contract"]["verdict"] == "matches"
        probabilities = list(result["probabilities"].values())
        assert len(probabilities) == 14
        assert sum(probabilities) != pytest.approx(1.0, abs=0.1)
        _, out, _ = run(capsys, *common)
        assert "Each class has a probability of its own" in out

    def test_two_of_them_beside_each_other(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        first = str(saved(classifier(), tmp_path, "first.onnx"))
        gray = Written().body(1).pooled(kernel(2)).model(["N", 1, 32, 32])
        second = str(saved(gray, tmp_path, "second.onnx"))
        command = "compare", "sample:normal_1", "--model", first, "--with", second
        status, out, err = run(capsys, *command)
        assert (status, out) == (2, "")
        assert "which scheme second.onnx was trained with" in err
        assert "Name it (--with-trained SCHEME)" in err
        names = "--classes", "Normal,A,B", "--with-classes", "Normal,C", "--with-trained", "unit"
        status, _, err = run(capsys, *command, *names)
        assert "Unknown scheme 'unit'" in err
        wrong = run(capsys, *command, "--with-trained", "rescale", "--with-classes", "A,B,C")[2]
        assert "class names, one for each output of second.onnx in its order (--with-cl" in wrong
        status, out, err = run(capsys, *command, *names[:-1], "rescale", "--json")
        result = json.loads(out)
        assert status == 0
        notes = err.splitlines()
        assert notes[0].startswith("Note on A: first.onnx is your own model")
        assert notes[1].startswith("Note on B: second.onnx is your own model")
        assert result["notices"] == []
        assert result["classes"]["question"] == "normal"
        assert result["conclusion"][0].startswith("Nothing checks whether A and B know such an")
        rows = {row["aspect"]: row for row in result["contracts"]}
        assert (rows["Channels"]["a"], rows["Channels"]["b"]) == ("3", "1")
        assert (rows["Layout"]["differs"], rows["Whom it knows"]["differs"]) == (False, None)
        status, _, err = run(capsys, *command[:-1], first)
        assert "Expected two models, received" in err

    def test_no_quick_map_is_said(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        written = Written().body().add("GlobalMaxPool").add("Flatten").add("Gemm", kernel(3))
        path = str(saved(written.model(["N", 3, 32, 32]), tmp_path))
        common = "predict", "sample:normal_1", "--model", path, "--trained", "rescale"
        status, out, _ = run(capsys, *common)
        assert status == 0
        assert "no quick method fits; choose Score-CAM or Occlusion or RISE" in out
        status, _, err = run(capsys, *common, "--explain", "layercam")
        assert status == 2
        assert "Unknown explanation for model.onnx, 'layercam'" in err
        status, out, _ = run(capsys, *common, "--explain", "scorecam", "--json")
        assert json.loads(out)["saliency"]["method"] == "scorecam"

    def test_what_writes_beside_a_card_wants_an_installed_model(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = str(saved(classifier(), tmp_path))
        for command in (
            ("measure", "data"), ("calibrate", "data"), ("faithfulness", "data"),
            ("artefacts", "data"), ("anatomy", "data"), ("gate", "data", "others"), ("export",),
        ):  # fmt: skip
            status, _, err = run(capsys, *command, "--model", path)
            assert (status, err.count("\n")) == (2, 1)
            assert "Expected the name of an installed model, received a file" in err

    def test_a_file_that_is_not_there(self, capsys: pytest.CaptureFixture[str]) -> None:
        status, _, err = run(capsys, "probe", "--model", "nowhere.onnx")
        assert status == 2
        assert err.startswith("Can't read nowhere.onnx")


def test_the_same_answer_as_its_file_gives(tmp_path: Path) -> None:
    path = saved(classifier(), tmp_path)
    engine = open_file(path, Use())
    batch = np.random.default_rng(0).random((2, 32, 32, 3), np.float32)
    assert engine.forward(batch).logits.shape == (2, 3)
    engine.close()


def test_maps_in_a_nested_model_or_in_front_of_attention_stay_closed() -> None:
    import keras

    from xray_app.engines.keras.measuring import head_parts

    inner = keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Conv2D(4, 3)])
    behind = [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2)]
    assert head_parts(keras.Sequential([keras.Input((16, 16, 3)), inner, *behind])) == (
        None,
        "none",
    )
    flat = keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Conv2D(4, 3), *behind])
    assert head_parts(flat)[1] == "exact"
    image = keras.Input((32, 32, 3))
    tokens = keras.layers.Reshape((16, 4))(keras.layers.Conv2D(4, 8, strides=8)(image))
    mixed = keras.layers.MultiHeadAttention(1, 4)(tokens, tokens)
    pooled = keras.layers.GlobalAveragePooling1D()(mixed)
    transformer = keras.Model(image, keras.layers.Dense(2)(pooled))
    assert head_parts(transformer) == (None, "none")
