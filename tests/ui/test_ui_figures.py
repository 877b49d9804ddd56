"""Plotly figures, apart from the page."""

import subprocess
import sys
import tomllib

import numpy as np
import pytest

from tests.conftest import ROOT, make_radiograph
from tests.fakes import FakeEngine
from tests.wcag import luminance
from xray_app.core.images.colour import COLOUR_MAPS
from xray_app.diagnosis.diagnosis import diagnose
from xray_app.diagnosis.scheme_pass import Choices
from xray_app.ui.charts import figures, study_curves

CONFIGURATION = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
DARK_BACKGROUND = CONFIGURATION["theme"]["dark"]["backgroundColor"]

RAMP = make_radiograph(np.tile(np.arange(0, 256, 8, dtype=np.uint8), (32, 1)))


WHILE_ANOTHER_IMPORTS = """
import sys, threading
from xray_app.ui.charts.figures import plot
threading.Thread(target=lambda: __import__("pandas")).start()
while "pandas" not in sys.modules:
    pass
print(hasattr(sys.modules["pandas"], "Series"))
plot([{"type": "bar", "x": [1.0], "y": ["a"], "text": ["b"]}])
print(hasattr(sys.modules["pandas"], "Series"))
"""


def test_a_figure_waits_for_pandas_that_another_visitor_imports() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WHILE_ANOTHER_IMPORTS],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["False", "True"]


def test_probability_bars_colour_only_what_means_something(fake: FakeEngine) -> None:
    prediction = diagnose(fake, RAMP, Choices()).prediction
    labels = list(prediction.classes)
    bar = figures.probability_bars(prediction, labels, meaningful=True).data[0]
    assert bar.x == pytest.approx(prediction.probabilities)
    assert sum(colour == figures.CHOSEN for colour in bar.marker.color) == 1
    struck = figures.probability_bars(prediction, labels, meaningful=False).data[0]
    assert set(struck.marker.color) == {figures.MUTED}


def test_the_reference_is_dotted_over_the_first_convolution(fake: FakeEngine) -> None:
    file, _, first = diagnose(fake, RAMP, Choices(scheme="rescale")).stages
    assert [trace.name for trace in figures.stage_histogram(file).data] == ["This scheme"]
    chosen, reference = figures.stage_histogram(first).data
    assert (chosen.line.dash, reference.line.dash) == ("solid", "dot")
    assert sum(chosen.customdata) == pytest.approx(100)
    assert (np.asarray(chosen.customdata) > 0).sum() <= 2  # all pixels in one narrow place
    assert (np.asarray(reference.customdata) > 0).sum() > 20


def test_channels_that_differ_are_drawn_apart(fake: FakeEngine) -> None:
    stage = diagnose(fake, RAMP, Choices(scheme="imagenet")).stages[1]
    names = [trace.name for trace in figures.stage_histogram(stage).data]
    assert names == ["Channel 1", "Channel 2", "Channel 3"]


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_the_colour_scale_is_the_overlays(name: str) -> None:
    bar = figures.colour_scale(name, 0.5, "logit per cell").data[0]
    assert (min(bar.x), max(bar.x)) == (0.0, 0.5)
    # Hexadecimal codes near black are Streamlit's placeholders for theme colours.
    assert all(colour.startswith("rgb(") for _, colour in bar.colorscale)


def test_curves_of_the_study_can_be_seen_on_the_dark_background() -> None:
    """At least 3 : 1, as WCAG 2.1 has it for graphics; on the light one dashes and labels help."""
    dark = luminance(DARK_BACKGROUND)
    lightest = [(luminance(colour) + 0.05) / (dark + 0.05) for colour in study_curves._COLOURS]
    assert min(lightest) >= 3.0
