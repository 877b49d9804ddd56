"""Diagnosis, comparison and probe on the fake engine, whose numbers can be worked out by hand."""

import json
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.conftest import make_radiograph
from tests.fakes import CELLS, HEAD, SIZE, FakeEngine, card_content, fake_card
from xray_app.core.errors import EngineError, UnknownChoice
from xray_app.core.images.heatmap import heat_for_display, radiograph_for_display
from xray_app.core.images.histograms import describe
from xray_app.core.images.image_files import encode_png
from xray_app.core.normalization.schemes import PRESETS
from xray_app.core.records import Radiograph
from xray_app.diagnosis.class_stability import class_stability
from xray_app.diagnosis.comparison import compare, compare_with
from xray_app.diagnosis.diagnosis import diagnose, diagnose_with
from xray_app.diagnosis.layer_probe import probe, training_range
from xray_app.diagnosis.reference_pass import feed_as_trained
from xray_app.diagnosis.scheme_pass import Choices
from xray_app.diagnosis.sensitivity import sensitivity
from xray_app.presentation.images import overlay
from xray_app.presentation.plain import diagnosis_to_dict
from xray_app.presentation.tables import comparison_to_dict

BRIGHT = make_radiograph(np.full((SIZE, SIZE), 255, np.uint8))
RAMP = make_radiograph(np.tile(np.arange(0, 256, 8, dtype=np.uint8), (SIZE, 1)))


def test_as_trained_by_hand(fake: FakeEngine) -> None:
    result = diagnose(fake, BRIGHT, Choices())
    # White is (1 - 0.5) / 0.25 = 2 at the first convolution; dark is 0, bright is 2.
    assert_allclose(result.prediction.logits, [-2.0, 4.0, 1.0])
    assert result.prediction.predicted == "bacterial_pneumonia"
    assert result.scheme == result.trained_scheme == "raw"
    assert result.contract.verdict == "matches"
    # Grad-CAM: weight 2 / 16 a cell times activation 2.
    assert_allclose(result.saliency.map, np.full((CELLS, CELLS), 0.25))
    assert result.saliency_scale == pytest.approx(0.25)
    assert all(stage.trained is None for stage in result.stages)
    assert fake.calls == 1  # the heatmap needs no second pass


def test_divided_twice_by_hand(fake: FakeEngine) -> None:
    result = diagnose(fake, RAMP, Choices(scheme="rescale"))
    assert result.contract.verdict == "mismatch"
    assert result.contract.gain == pytest.approx(1 / 255, rel=1e-3)
    # Everything arrives near (0 - 0.5) / 0.25 = -2: all dark, so the fake calls it normal.
    assert result.prediction.predicted == "normal"
    assert result.input_statistics.max == pytest.approx(248 / 255)
    assert result.stages[2].trained is not None
    assert_array_equal(result.stages[2].trained.edges, result.stages[2].channels[0].edges)


def test_the_class_that_is_explained(fake: FakeEngine) -> None:
    shown = diagnose(fake, BRIGHT, Choices())
    assert shown.saliency.target == shown.prediction.predicted
    chosen = diagnose(fake, BRIGHT, Choices(target="normal"))
    assert chosen.saliency.target == "normal"
    assert chosen.saliency.is_empty  # bright speaks against normal
    assert chosen.saliency_scale == 0.0


def test_a_faint_map_is_shown_on_the_scale_of_the_trained_one(fake: FakeEngine) -> None:
    gray = make_radiograph(np.full((SIZE, SIZE), 200, np.uint8))
    faint = diagnose(fake, gray, Choices(scheme="caffe", target="bacterial_pneumonia"))
    full = diagnose(fake, gray, Choices(target="bacterial_pneumonia"))
    assert faint.saliency.peak < full.saliency.peak
    assert faint.saliency_scale == pytest.approx(full.saliency.peak)


@pytest.mark.parametrize(
    "choices",
    [
        Choices(scheme="nope"),
        Choices(explanation="nope"),
        Choices(target="nope"),
        Choices(layer="nope"),
    ],
)
def test_unknown_choices_are_named(fake: FakeEngine, choices: Choices) -> None:
    with pytest.raises(UnknownChoice, match="^Unknown .* 'nope'"):
        diagnose(fake, BRIGHT, choices)


def test_layers_by_name_or_detail(fake: FakeEngine) -> None:
    for name in (None, "last", "cells"):
        assert diagnose(fake, BRIGHT, Choices(layer=name)).saliency.layer == "cells"
    with pytest.raises(UnknownChoice, match="Unknown layer 'finer'"):
        diagnose(fake, BRIGHT, Choices(layer="finer"))  # the fake has one layer only


def test_provenance_links_up(fake: FakeEngine, radiograph: Radiograph) -> None:
    steps = diagnose(fake, radiograph, Choices(scheme="imagenet")).provenance
    assert [s.name for s in steps][-4:] == [
        "Display domain", "Resized", "Scheme", "Model's own layers",
    ]  # fmt: skip
    for before, after in pairwise(steps):
        assert before.after == pytest.approx(after.before)


def test_the_histograms_count_every_value(fake: FakeEngine, radiograph: Radiograph) -> None:
    file, model_input, first = diagnose(fake, radiograph, Choices(scheme="imagenet")).stages
    assert file.channels[0].counts.sum() == radiograph.stored.size
    assert len(model_input.channels) == len(first.channels) == 3  # the channels differ
    assert all(c.counts.sum() == SIZE * SIZE for c in (*model_input.channels, *first.channels))
    raw = diagnose(fake, radiograph, Choices()).stages
    assert [len(stage.channels) for stage in raw] == [1, 1, 1]


def test_json_has_the_keys_that_are_promised(fake: FakeEngine, radiograph: Radiograph) -> None:
    result = diagnosis_to_dict(diagnose(fake, radiograph, Choices()), "a.png")
    assert set(result) == {
        "file", "model", "scheme", "gate", "probabilities", "predicted", "likely", "contract",
        "input", "saliency", "provenance", "timings_ms", "geometry",
    }  # fmt: skip
    assert set(result["probabilities"]) == {"normal", "bacterial_pneumonia", "viral_pneumonia"}
    assert set(result["contract"]) >= {"verdict", "gain", "offset", "correlation", "message"}
    assert set(result["input"]) == {"shape", "min", "max", "mean", "std"}
    assert set(result["saliency"]) >= {"method", "layer", "target", "peak"}
    assert json.loads(json.dumps(result, allow_nan=False)) == result


def test_a_uniform_image_has_null_figures(fake: FakeEngine) -> None:
    contract = diagnosis_to_dict(diagnose(fake, BRIGHT, Choices()), "a.png")["contract"]
    assert contract["gain"] is contract["offset"] is contract["correlation"] is None


def test_comparing_equals_diagnosing_one_by_one(fake: FakeEngine, radiograph: Radiograph) -> None:
    comparison = compare(fake, radiograph)
    assert set(comparison.passes) == set(PRESETS)
    assert fake.calls == 1 + -(-(len(PRESETS) - 1) // 4)  # as trained, then the others by fours
    again = compare_with(fake, feed_as_trained(fake, radiograph))
    assert again.rows == comparison.rows
    target = comparison.trained.prediction.predicted
    flips_of = {row.scheme: row.flips for row in comparison.rows}
    for name, scheme_pass in comparison.passes.items():
        alone = diagnose(fake, radiograph, Choices(scheme=name, target=target))
        assert_allclose(scheme_pass.prediction.logits, alone.prediction.logits, rtol=1e-5)
        assert_allclose(scheme_pass.saliency.map, alone.saliency.map, rtol=1e-5, atol=1e-7)
        assert scheme_pass.contract == alone.contract
        flips = alone.prediction.predicted != alone.trained_prediction.predicted
        assert flips_of[name] == flips
    result = comparison_to_dict(comparison, "a.png")
    assert [row["scheme"] for row in result["schemes"]] == list(PRESETS)


def test_the_pass_as_trained_is_made_once(fake: FakeEngine, radiograph: Radiograph) -> None:
    reference = feed_as_trained(fake, radiograph)
    assert fake.calls == 1
    diagnose_with(fake, reference, Choices())
    diagnose_with(fake, reference, Choices(target="normal", explanation="layercam"))
    assert fake.calls == 1  # neither the class nor the method needs the model again
    other = diagnose_with(fake, reference, Choices(scheme="rescale"))
    assert fake.calls == 2  # only the new scheme
    alone = diagnose(fake, radiograph, Choices(scheme="rescale"))
    assert fake.calls == 4
    assert other.contract == alone.contract
    assert other.provenance == alone.provenance
    assert_array_equal(other.prediction.logits, alone.prediction.logits)
    assert_array_equal(other.trained_prediction.logits, alone.trained_prediction.logits)


def test_the_training_range_is_measured_once(
    fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert training_range(fake) == training_range(fake)
    monkeypatch.setattr(fake, "trace", None)
    assert training_range(fake) == pytest.approx((-2.0, 2.0))


def test_dataset_is_left_out_where_the_card_has_no_statistics(radiograph: Radiograph) -> None:
    contract = card_content()["contract"] | {"mean": [], "variance": []}
    engine = FakeEngine(fake_card(contract=contract))
    assert set(compare(engine, radiograph).passes) == set(PRESETS) - {"dataset"}


def test_probe_by_hand(fake: FakeEngine) -> None:
    result = probe(fake)
    rescaling, normalization = result.layers
    assert_allclose(rescaling.outputs[127.5], [0.5] * 3)
    assert_allclose(normalization.outputs[0.0], [-2.0] * 3)
    assert_allclose(normalization.outputs[255.0], [2.0] * 3)
    assert_allclose(result.gain, [4 / 255] * 3, rtol=1e-6)
    assert_allclose(result.offset, [-2.0] * 3, rtol=1e-6)
    assert result.deviation < 1e-6
    assert json.loads(json.dumps(result.to_dict()))["affine"]["offset"] == pytest.approx([-2.0] * 3)


def test_training_range_by_hand(fake: FakeEngine) -> None:
    assert training_range(fake) == pytest.approx((-2.0, 2.0))


def test_pictures(fake: FakeEngine) -> None:
    wide = make_radiograph(np.full((30, 3000), 255, np.uint8))
    assert radiograph_for_display(wide).shape == (10, 1024)
    image = overlay(wide, diagnose(fake, wide, Choices()), 1.0, "viridis")
    assert image.shape == (10, 1024, 3)
    assert_array_equal(image[0, 0], [0xFD, 0xE7, 0x25])  # even evidence at the top of the scale
    assert encode_png(image).startswith(b"\x89PNG")


def test_an_empty_map_has_no_heat(fake: FakeEngine) -> None:
    saliency = diagnose(fake, BRIGHT, Choices(target="normal")).saliency
    assert not heat_for_display(saliency, 1.0, 8, 8).any()


def test_heat_is_relative_to_the_absolute_scale(fake: FakeEngine) -> None:
    saliency = diagnose(fake, BRIGHT, Choices()).saliency
    assert_allclose(heat_for_display(saliency, 1.0, 8, 8), 0.25, atol=1e-6)
    assert_allclose(heat_for_display(saliency, 0.1, 8, 8), 1.0)


def test_head_of_the_fake_is_what_the_figures_above_assume() -> None:
    assert_array_equal(HEAD[1], [-1.0, 2.0, 0.5])
    assert describe(HEAD).max == 2.0


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_an_answer_that_is_no_number_is_refused(fake: FakeEngine, value: float) -> None:
    """Of NaN, the first class would be the predicted one: normal."""
    fake.head = np.array([[value, 0.0, 0.0], [value, 0.0, 0.0]], np.float32)
    asked = (
        lambda: diagnose(fake, BRIGHT, Choices()),
        lambda: class_stability(fake, BRIGHT.display),
        lambda: sensitivity(fake, BRIGHT),
    )
    for ask in asked:
        with (
            np.errstate(invalid="ignore"),
            pytest.raises(EngineError, match="Expected a finite number for each class"),
        ):
            ask()
