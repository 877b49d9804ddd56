"""The page Study under AppTest, on a made-up study, and its figures."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import BUNDLED, ROOT
from xray_app.core.classifier_metrics import Interval
from xray_app.study.records import Cell, EpochRecord, Run, Study, to_plain
from xray_app.ui.charts import study as study_figures

SCHEMES = ("raw", "rescale", "zscore")


def interval(value: float) -> Interval:
    return Interval(value, value - 0.02, value + 0.02)


def run(regime: str, scheme: str, seed: int) -> Run:
    cells = tuple(
        Cell(fed, *[interval(0.9 + 0.01 * seed if fed == scheme else 0.4)] * 5) for fed in SCHEMES
    )
    epochs = tuple(
        EpochRecord(n, 1 / n, 1 / n, 0.5 + 0.1 * n + 0.02 * seed, None if n == 2 else 0.1)
        for n in (1, 2, 3)
    )
    return Run(regime, scheme, seed, False, epochs, cells)


STUDY = Study(
    format=1,
    architecture="tiny_net",
    size=32,
    parameters=1234,
    classes=("normal", "pneumonia"),
    data={"name": "made-up images"},
    statistics={"mean": 0.5, "std": 0.25},
    schemes=SCHEMES,
    seeds=(0, 1),
    regimes=("scratch", "frozen"),
    regime_notes={"scratch": "All weights are trained.", "frozen": "Only the head is trained."},
    settings={"epochs": 3},
    versions={"keras": "0"},
    date="2026-01-01",
    command="python -m xray_app study DATA",
    runs=tuple(run(r, s, seed) for r in ("scratch", "frozen") for s in SCHEMES for seed in (0, 1)),
)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "models" / BUNDLED, tmp_path / BUNDLED, ignore=lambda *_: ["*.h5"])
    (tmp_path / "study" / "made_up").mkdir(parents=True)
    (tmp_path / "study" / "made_up" / "study.json").write_text(json.dumps(to_plain(STUDY)))
    monkeypatch.setenv("XRAY_APP_MODELS", str(tmp_path))
    return tmp_path


def open_page(app: AppTest) -> AppTest:
    return app.run().switch_page("xray_app/ui/pages/study.py").run()


def test_three_sentences_come_first_and_the_network_is_named(models: Path, app: AppTest) -> None:
    open_page(app)
    assert not app.exception
    sentences = [m.value for m in app.main.markdown[:3]]
    assert all(s.startswith("**") for s in sentences)
    assert "tiny_net at 32 pixels" in sentences[0]
    captions = "\n".join(c.value for c in app.caption)
    assert "tiny_net (1,234 parameters) at 32 × 32 pixels, 3 schemes, 2 seeds" in captions
    assert "not the bundled model" in captions
    assert "All weights are trained." in captions


def test_another_regime_and_figure(models: Path, app: AppTest) -> None:
    open_page(app)
    app.segmented_control(key="regime").set_value("frozen").run()
    app.segmented_control(key="metric").set_value("ece").run()
    app.segmented_control(key="curve").set_value("gradient_norm").run()
    assert not app.exception
    assert any("Only the head is trained." in c.value for c in app.caption)


def test_a_missing_or_broken_study_is_one_sentence(models: Path, app: AppTest) -> None:
    path = models / "study" / "made_up" / "study.json"
    path.write_text("{}")
    assert "study.json is wrong in field format" in open_page(app).error[0].value
    path.unlink()
    assert "found none" in app.run().error[0].value
    assert not app.exception


def test_the_matrix_is_the_mean_over_seeds() -> None:
    heat = study_figures.matrix(STUDY, "scratch", "auc").data[0]
    assert np.asarray(heat.z)[0] == pytest.approx([0.905, 0.4, 0.4])
    assert list(heat.y) == list(heat.x) == list(SCHEMES)
    unfinished = replace(STUDY, runs=STUDY.runs[:1])
    assert np.isnan(np.asarray(study_figures.matrix(unfinished, "frozen", "auc").data[0].z)).all()


def test_curves_have_a_band_over_the_seeds() -> None:
    traces = study_figures.curves(STUDY, "scratch", "validation_auc").data
    assert len(traces) == 2 * len(SCHEMES)
    band, line = traces[:2]
    assert line.name == "raw"
    assert list(line.y) == pytest.approx([0.61, 0.71, 0.81])
    assert list(band.y) == pytest.approx([0.62, 0.72, 0.82, 0.8, 0.7, 0.6])
    one_seed = replace(STUDY, runs=STUDY.runs[:1])
    assert len(study_figures.curves(one_seed, "scratch", "loss").data) == 1


def test_a_missing_value_is_a_gap() -> None:
    line = study_figures.curves(STUDY, "scratch", "gradient_norm").data[1]
    assert np.isnan(line.y[1])
