"""Probabilities as the window, or gamma and clipping, move: against images made by hand."""

import json
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.conftest import make_radiograph
from tests.fakes import SIZE, FakeEngine
from tests.readers.reader_files import dicom
from xray_app.cards import model_input
from xray_app.diagnosis.diagnosis import diagnose
from xray_app.diagnosis.prediction import calibrate_logits
from xray_app.diagnosis.scheme_pass import Choices
from xray_app.diagnosis.sensitivity import POINTS, Sensitivity, Sweep, sensitivity
from xray_app.presentation.sensitivity_words import sensitivity_sentence, sensitivity_to_dict
from xray_app.readers import read_radiograph
from xray_app.ui.charts.sensitivity import sweep_chart, sweep_text

RAMP = np.tile(np.linspace(0, 4095, 64).astype(np.uint16), (64, 1))
WINDOWS = {"WindowCenter": [2048, 1500], "WindowWidth": [4096, 3000]}


def windowed() -> object:
    return read_radiograph(dicom(RAMP, bits=12, **WINDOWS))


def test_a_file_with_depth_moves_its_window(fake: FakeEngine) -> None:
    radiograph = windowed()
    found = sensitivity(fake, radiograph)
    centre, width = found.sweeps
    assert (centre.name, width.name) == ("window centre", "window width")
    low, high = radiograph.controls.window
    assert centre.present == pytest.approx((low + high) / 2)
    assert width.present == pytest.approx(high - low)
    assert_allclose(width.values[[0, -1]], [(high - low) / 2, 2 * (high - low)])
    assert [mark.value for mark in centre.marks] == pytest.approx([1500.0], abs=1.0)
    assert found.predicted == diagnose(fake, radiograph, Choices()).prediction.predicted


def test_each_point_is_what_the_file_gives_under_that_window(fake: FakeEngine) -> None:
    """Read anew under the ends of the first point's window, which is another way to it."""
    from xray_app.readers import ReadOptions

    centre = sensitivity(fake, windowed()).sweeps[0]
    low, high = windowed().controls.window
    middle = float(centre.values[0])
    options = ReadOptions(low=middle - (high - low) / 2, high=middle + (high - low) / 2)
    anew = read_radiograph(dicom(RAMP, bits=12, **WINDOWS), "", options)
    expected = diagnose(fake, anew, Choices()).prediction.probabilities
    assert_allclose(centre.probabilities[0], expected, atol=1e-5)


def test_a_higher_centre_is_darker_and_flips_the_fakes_class(fake: FakeEngine) -> None:
    """Dark speaks for normal: its probability rises with the centre, all the way."""
    centre = sensitivity(fake, windowed()).sweeps[0]
    normal = centre.probabilities[:, 0]
    assert (np.diff(normal) > 0).all()
    assert centre.changes
    low, high = centre.stays
    assert centre.values[0] <= low <= centre.present <= high <= centre.values[-1]


def test_an_image_for_a_screen_moves_gamma_and_clipping(fake: FakeEngine) -> None:
    pixels = np.random.default_rng(5).integers(0, 256, (32, 32)).astype(np.uint8)
    gamma, clip = sensitivity(fake, make_radiograph(pixels)).sweeps
    assert (gamma.name, clip.name) == ("gamma", "clipped at either end")
    assert len(gamma.values) == len(clip.values) == POINTS
    display = (pixels / np.float32(255)) ** np.float32(gamma.values[0])
    batch = model_input(fake.card, display).array[np.newaxis]
    expected = calibrate_logits(fake.card, fake.forward(batch).logits)[0]
    assert_allclose(gamma.probabilities[0], expected, atol=1e-5)
    middle = POINTS // 2
    assert gamma.values[middle] == pytest.approx(1.0)
    assert_allclose(gamma.probabilities[middle], clip.probabilities[0], atol=1e-5)


def test_a_uniform_image_is_no_fault(fake: FakeEngine) -> None:
    found = sensitivity(fake, make_radiograph(np.full((32, 32), 90, np.uint8)))
    assert all(np.isfinite(sweep.probabilities).all() for sweep in found.sweeps)


SIGMOID = {"WindowCenter": [1500, 2500], "WindowWidth": [800, 900], "VOILUTFunction": "SIGMOID"}


def test_a_sigmoid_moves_as_a_sigmoid(fake: FakeEngine) -> None:
    """The middle is the image as it is; an end is what a file with that window gives."""
    radiograph = read_radiograph(dicom(RAMP, bits=12, **SIGMOID))
    centre, width = sensitivity(fake, radiograph).sweeps
    now = diagnose(fake, radiograph, Choices()).prediction.probabilities
    assert_allclose(centre.probabilities[POINTS // 2], now, atol=1e-6)
    assert_allclose(width.probabilities[POINTS // 2], now, atol=1e-6)
    other = SIGMOID | {"WindowCenter": [1100, 2500]}
    anew = read_radiograph(dicom(RAMP, bits=12, **other))
    assert centre.values[0] == pytest.approx(1100.0)
    expected = diagnose(fake, anew, Choices()).prediction.probabilities
    assert_allclose(centre.probabilities[0], expected, atol=1e-5)


def test_the_image_is_fitted_as_it_was_asked_for(fake: FakeEngine) -> None:
    pixels = np.full((SIZE, 2 * SIZE), 200, np.uint8)
    pixels[:, : SIZE // 2] = pixels[:, -SIZE // 2 :] = 0
    wide = make_radiograph(pixels)
    cropped = Choices(fit="crop").geometry(fake.card.input.geometry)
    for geometry, choices in ((None, Choices()), (cropped, Choices(fit="crop"))):
        found = sensitivity(fake, wide, geometry)
        assert found.predicted == diagnose(fake, wide, choices).prediction.predicted
    assert sensitivity(fake, wide).predicted != found.predicted


def test_a_class_that_returns_is_not_said_to_be_there_only(fake: FakeEngine) -> None:
    for classes, said in (
        (
            [0, 1, 1, 0, 1],
            "from 1 to 2 around the present value (now 1); beyond, of 0 to 4, it"
            " becomes Normal, and beyond that Bacterial pneumonia again.",
        ),
        ([0, 1, 1, 0, 0], "from 1 to 2 only (now 1); beyond, of 0 to 4, it becomes Normal."),
    ):
        found = Sensitivity("bacterial_pneumonia", (made(classes, 1.0),))
        assert sensitivity_sentence(fake.card, found).endswith(said)


def made(classes: list[int], present: float) -> Sweep:
    probabilities = np.eye(3)[classes]
    values = np.arange(len(classes), dtype=np.float64)
    return Sweep("gamma", "", values, probabilities, present, ())


@pytest.mark.parametrize(
    ("classes", "present", "stays"),
    [
        ([1, 1, 1, 1], 2.0, (0.0, 3.0)),
        ([0, 1, 1, 0], 1.0, (1.0, 2.0)),
        ([1, 0, 1, 1], 3.0, (2.0, 3.0)),  # the same class beyond a gap does not count
        ([1, 0, 0, 0], 0.0, (0.0, 0.0)),
    ],
)
def test_where_the_class_stays(
    classes: list[int], present: float, stays: tuple[float, float]
) -> None:
    sweep = made(classes, present)
    assert sweep.stays == stays
    assert sweep.changes is (stays != (0.0, 3.0))


def test_in_words_values_and_a_chart(fake: FakeEngine) -> None:
    found = sensitivity(fake, windowed())
    sentence = sensitivity_sentence(fake.card, found)
    assert "for a window centre from" in sentence
    stays = replace(found, sweeps=(made([1, 1, 1], 1.0),))
    assert "The class stays" in sensitivity_sentence(fake.card, stays)
    values = json.loads(json.dumps(sensitivity_to_dict(fake.card, found), allow_nan=False))
    assert [s["name"] for s in values["sweeps"]] == ["window centre", "window width"]
    chart = sweep_chart(fake.card, found.sweeps[0])
    assert [trace.name for trace in chart.data] == [c.label for c in fake.card.classes]
    assert_array_equal(chart.data[0].y, found.sweeps[0].probabilities[:, 0])
    assert chart.layout.shapes[0].x0 == found.sweeps[0].stays[0]
    assert "The class stays from" in sweep_text(fake.card, found.sweeps[0])
