"""What inspection says of whole and of broken models, and what an upload leaves behind."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engines.keras_models import (
    classifier,
    imagenet_efficientnet,
    normalization,
    saved,
    with_head,
)
from tests.fakes import fake_card
from xray_app.core import scratch
from xray_app.core.errors import UnsupportedFile
from xray_app.engines.keras.families import build_backbone
from xray_app.engines.keras.inspection import examine
from xray_app.inspection import inspection
from xray_app.inspection.inspection import Inspection, inspect_bytes, inspect_model
from xray_app.inspection.skeleton import FILL_IN


def inspect(model: Any, folder: Path, name: str = "model.keras") -> Inspection:
    return inspect_model(saved(model, folder, name))


def kinds(found: Inspection) -> list[str]:
    return [issue.kind for issue in found.issues]


def message(found: Inspection, kind: str) -> str:
    return next(f.message for f in found.issues if f.kind == kind)


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
        assert "right only if the model was trained so" in found.issues[0].message

    def test_an_unadapted_normalization_under_imagenets_third_layer(self, tmp_path: Path) -> None:
        import keras

        layers = keras.layers
        third = layers.Rescaling([1 / np.sqrt(s) for s in (0.229, 0.224, 0.225)])
        front = (layers.Rescaling(1 / 255), layers.Normalization(), third)
        found = inspect(classifier(*front), tmp_path)
        assert kinds(found) == ["unadapted_normalization"]
        assert "ImageNet's mean and deviation were lost" in found.issues[0].message

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
        assert "holds mean 0.48 and variance 0.0576" in found.issues[0].message
        assert kinds(inspect(model, tmp_path)) == []

    def test_a_legacy_file_of_an_old_keras(self, tmp_path: Path) -> None:
        import h5py
        import keras

        path = saved(classifier(keras.layers.Normalization()), tmp_path, "model.h5")
        with h5py.File(path, "r+") as file:
            file.attrs["keras_version"] = b"3.4.1"
        found = inspect_model(path)
        assert kinds(found) == ["lost_statistics", "unadapted_normalization"]
        assert "Keras 3.4.1" in found.issues[0].message

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


def test_an_upload_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int]] = []

    def look(function: Any, path: Path, card: Any, **_: Any) -> Any:
        seen.append((path.name, path.parent.stat().st_mode & 0o777))
        return function(path, card)

    monkeypatch.setattr(scratch, "_IN_MEMORY", tmp_path)
    monkeypatch.setattr(inspection, "call_in_child", look)
    with pytest.raises(UnsupportedFile, match="neither by its content"):
        inspect_bytes(b"nothing", "../../Jane Doe.keras")
    assert seen == [(".._.._Jane_Doe.keras", 0o700)]
    assert list(tmp_path.iterdir()) == []


def test_examine_says_nothing_of_a_card(tmp_path: Path) -> None:
    import keras

    facts = examine(saved(classifier(keras.layers.Rescaling(1 / 255)), tmp_path), fake_card())
    assert facts.architecture is None


def parked(strength: float) -> Any:
    """A convolution whose zero padding lets the corner of a blank image stand out, or not."""
    import keras

    images = keras.Input((32, 32, 3))
    x = keras.layers.Rescaling(1 / 255)(images)
    kernel = np.full((3, 3, 3, 4), 1.0, np.float32)
    convolution = keras.layers.Conv2D(4, 3, padding="same" if strength else "valid", use_bias=True)
    y = convolution(x)
    convolution.set_weights([kernel, np.full(4, -27.0 * strength, np.float32)])
    return keras.Model(images, keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(y)))


@pytest.mark.usefixtures("in_process")
def test_blank_images_show_what_a_network_parks_in_its_padding(tmp_path: Path) -> None:
    # Under white, nine times three less 27 x 0.9 is 2.7 inside, 12 - 24.3 in a corner: 4.6 times.
    found = inspect(parked(0.9), tmp_path, "parked.keras")
    white = found.facts.blank_ratios[-1]
    assert white == pytest.approx(12.3 / 2.7, rel=1e-3)
    assert found.blank_sentence is not None
    even = inspect(parked(0.0), tmp_path, "even.keras")
    assert even.blank_ratio == pytest.approx(1.0)
    assert "no place stands out" in str(even.blank_sentence)
    assert even.to_dict()["blank_norm_ratio"] == pytest.approx(1.0)
    assert "no place stands out" in even.describe()
