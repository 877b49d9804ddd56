"""What a report says, and in which order."""

import re
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import make_radiograph
from tests.documents.made import CREATED, bright, calibrated, report_of
from tests.fakes import FakeEngine
from tests.gate_rules import gated
from xray_app import __version__
from xray_app.cards.evaluation_record import EVALUATION_FILE
from xray_app.cards.faithfulness_record import FAITHFULNESS_FILE
from xray_app.core.images.histograms import histogram
from xray_app.core.normalization.contrast import CONTRASTS
from xray_app.core.normalization.scale import SCALES
from xray_app.core.normalization.schemes import PRESETS, parse_scheme
from xray_app.core.records import Radiograph
from xray_app.diagnosis.diagnosis import diagnose
from xray_app.diagnosis.scheme_pass import Choices
from xray_app.documents import making
from xray_app.documents.content import Setting
from xray_app.documents.formulas import plain_formula
from xray_app.documents.making import make_report
from xray_app.documents.plots import outline, plot
from xray_app.engines.protocol import Engine


def test_a_result_that_fits_is_said_quietly(radiograph: Radiograph) -> None:
    report = report_of(radiograph)
    assert report.cautions == ()
    assert report.is_meaningful
    assert report.verdict == "matches"
    assert report.gate_verdict == "none"
    assert "Nothing checks" in report.gate
    assert re.fullmatch(r"(Normal|Bacterial pneumonia|Viral pneumonia) 0\.\d\d", report.headline)
    assert [row.is_predicted for row in report.classes].count(True) == 1
    assert sum(row.probability for row in report.classes) == pytest.approx(1.0)
    assert report.identity == radiograph.digest[:12]
    assert report.date == "2026-01-31 09:30 UTC"
    assert dict(report.versions)["xray-app"] == __version__


def test_a_mismatch_is_said_first_with_what_training_gives(radiograph: Radiograph) -> None:
    report = report_of(radiograph, "rescale")
    assert not report.is_meaningful
    assert report.cautions[0].startswith("Contrast divided by 255.")
    assert report.aside.startswith("Fed as trained (raw), the same image gives ")
    assert "means as little as the prediction" in report.overlay_caption
    assert report.contract_figures["gain"] == pytest.approx(1 / 255, rel=1e-4)


def test_a_closed_gate_is_said_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    report = report_of(bright(), "rescale", gated(monkeypatch))
    assert report.gate_verdict == "closed"
    assert not report.is_meaningful
    assert "adult" in report.cautions[0]
    assert "outside what the model knows" in report.cautions[0]
    assert "outside what the model knows" in report.overlay_caption
    assert len(report.cautions) == 2  # the mismatch comes after it


def test_an_empty_map_has_no_scale() -> None:
    engine = FakeEngine()
    diagnosis = diagnose(engine, bright(), Choices(target="normal"))
    report = make_report(bright(), diagnosis, engine.card, Setting(CREATED))
    assert report.overlay_caption.startswith("No positive evidence for Normal")
    assert report.scale is None
    assert (report.overlay == 255).all()  # nothing is laid over the image


def test_a_calibrated_model_shows_both_figures(radiograph: Radiograph) -> None:
    report = report_of(radiograph, engine=calibrated())
    raw = [row.raw for row in report.classes]
    assert None not in raw
    assert max(filter(None, raw)) > max(row.probability for row in report.classes)
    assert "Calibrated on validation images" in report.aside
    assert all(row.raw is None for row in report_of(radiograph).classes)


def test_the_model_line_is_that_of_exactly_these_weights(
    bundled: Engine, radiograph: Radiograph
) -> None:
    diagnosis = diagnose(bundled, radiograph, Choices())
    report = make_report(radiograph, diagnosis, bundled.card, Setting(CREATED))
    text = " ".join(report.model)
    assert re.search(r"AUC 0\.99\d \(95 % interval 0\.98\d to 0\.99\d\)", text)
    assert "children of 1 to 5 years" in text
    other = bundled.card.model_copy(
        update={"weights": bundled.card.weights.model_copy(update={"sha256": "0" * 64})}
    )
    unknown = make_report(radiograph, diagnosis, other, Setting(CREATED))
    assert "has not been measured" in " ".join(unknown.model)


def test_a_damaged_record_costs_one_sentence(
    radiograph: Radiograph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fake").mkdir()
    for name in (EVALUATION_FILE, FAITHFULNESS_FILE):
        (tmp_path / "fake" / name).write_text("{}")
    monkeypatch.setenv("XRAY_APP_MODELS", str(tmp_path))
    assert "can't be read" in " ".join(report_of(radiograph).model)


def test_evidence_outside_the_body_is_noticed(
    radiograph: Radiograph, monkeypatch: pytest.MonkeyPatch
) -> None:
    # thresholds of nought, so that any evidence there is unusual
    record = {"placement": {"thresholds": {"gradcam": 0.0}, "corner_thresholds": {"gradcam": 0.0}}}
    monkeypatch.setattr(making, "read_faithfulness", lambda path: record)
    warnings = report_of(radiograph).notices
    assert len(warnings) == 1
    assert report_of(radiograph, "rescale").notices == ()  # there the map means nothing anyway


@pytest.mark.parametrize("contrast", CONTRASTS)
@pytest.mark.parametrize("scale", SCALES)
def test_every_formula_is_plain_text(contrast: str, scale: str) -> None:
    text = plain_formula(parse_scheme(f"{contrast}+{scale}").formula)
    assert not re.search(r"[\\{}$]|frac|\s{2}", text), text
    assert text.count("(") == text.count(")")


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ("raw", "y = 255 x"),
        ("signed", "y = 2 x − 1"),
        ("imagenet", "y_c = (x − mean_c) / std_c"),
        ("zscore", "y = (x − mean(x)) / std(x)"),
        ("minmax", "x' = (x − min x) / (max x − min x); y = x'"),
        ("percentile", "x' = clip((x − p2) / (p98 − p2), 0, 1); y = x'"),
        ("clahe", "x' = F_tile(x), slope of F clipped; y = x'"),
    ],
)
def test_formulas_by_hand(scheme: str, expected: str) -> None:
    assert plain_formula(PRESETS[scheme].formula) == expected


def test_an_outline_by_hand() -> None:
    values = histogram(np.array([0, 0, 0, 0, 1, 2, 2, 3], np.uint8))  # four bins of one level
    assert values.counts.tolist() == [4, 1, 2, 1]
    points = outline(values, -0.5, 3.5)
    # relative to 2, the highest inner bin; the first bin is cut off at 1
    assert points == (
        (0.0, 0.0), (0.0, 1.0), (0.25, 1.0), (0.25, 0.5), (0.5, 0.5),
        (0.5, 1.0), (0.75, 1.0), (0.75, 0.5), (1.0, 0.5), (1.0, 0.0),
    )  # fmt: skip


def test_a_squeezed_histogram_is_pointed_at(radiograph: Radiograph) -> None:
    last = plot(report_of(radiograph, "rescale").stages[-1])
    assert [one.kind for one in last.outlines] == ["chosen", "trained"]
    assert last.note.startswith("all pixels: ")
    assert 0.0 <= last.note_at < 0.1
    fitting = plot(report_of(radiograph).stages[-1])
    assert (fitting.note, len(fitting.outlines)) == ("", 1)


def test_channels_that_differ_are_drawn_apart(radiograph: Radiograph) -> None:
    kinds = [one.kind for one in plot(report_of(radiograph, "imagenet").stages[1]).outlines]
    assert kinds == ["channel 1", "channel 2", "channel 3"]


def test_a_uniform_image_has_a_plot() -> None:
    for stage in report_of(make_radiograph(np.full((5, 5), 7, np.uint8))).stages:
        points = [p for one in plot(stage).outlines for p in one.points]
        assert points
        assert np.isfinite(points).all()
