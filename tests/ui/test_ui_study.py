"""The page Study under AppTest, on a made-up study, and its figures."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import BUNDLED, ROOT
from tests.ui.made_study import SCHEMES, STUDY
from xray_app.study.records import to_plain
from xray_app.ui.charts.study import matrix
from xray_app.ui.charts.study_curves import curves, ends


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "models" / BUNDLED, tmp_path / BUNDLED, ignore=lambda *_: ["*.h5"])
    (tmp_path / "study" / "made_up").mkdir(parents=True)
    (tmp_path / "study" / "made_up" / "study.json").write_text(json.dumps(to_plain(STUDY)))
    monkeypatch.setenv("XRAY_APP_MODELS", str(tmp_path))
    return tmp_path


def open_page(app: AppTest) -> AppTest:
    return app.run().switch_page("xray_app/ui/pages/study.py").run()


def test_answers_come_first_and_the_network_is_named(models: Path, app: AppTest) -> None:
    open_page(app)
    assert not app.exception
    answers = [m.value for m in app.main.markdown[:3]]
    assert answers[0].startswith("**Does the choice of scheme matter")
    assert all(a.startswith("**") and "?** " in a for a in answers)
    captions = "\n".join(c.value for c in app.caption)
    assert "tiny_net (1,234 parameters) at 32 × 32 pixels, 3 schemes, up to 2 seeds" in captions
    assert "not the bundled model" in captions
    assert "All weights are trained." in captions


def test_another_regime_and_figure(models: Path, app: AppTest) -> None:
    open_page(app)
    app.segmented_control(key="regime").set_value("frozen").run()
    app.segmented_control(key="metric").set_value("ece").run()
    app.segmented_control(key="curve").set_value("gradient_norm").run()
    assert not app.exception
    specs = [json.loads(chart.proto.spec) for chart in app.main.get("plotly_chart")]
    assert specs[0]["layout"]["yaxis"]["title"]["text"] == "gradient norm, first layer"
    assert specs[-1]["data"][0]["reversescale"]  # of the calibration error, low is good
    assert any("Only the head is trained." in c.value for c in app.caption)


def test_a_missing_or_broken_study_is_one_sentence(models: Path, app: AppTest) -> None:
    path = models / "study" / "made_up" / "study.json"
    path.write_text("{}")
    assert "study.json is wrong in field format" in open_page(app).error[0].value
    path.unlink()
    assert "found none" in app.run().error[0].value
    assert not app.exception


def test_several_studies_are_told_apart_and_a_broken_one_hides_no_other(
    models: Path, app: AppTest
) -> None:
    inside = models / "study" / "made_up_inside" / "study.json"
    inside.parent.mkdir()
    alone = replace(STUDY, settings={"keep_preprocessing": True})
    inside.write_text(json.dumps(to_plain(alone)))
    broken = models / "study" / "torn" / "study.json"
    broken.parent.mkdir()
    broken.write_text("{")
    assert not open_page(app).error
    assert app.selectbox(key="study").options == [
        "tiny_net at 32 × 32 pixels",
        "tiny_net at 32 × 32 pixels, scaling bytes by itself",
        "torn",
    ]
    app.selectbox(key="study").set_value("torn").run()
    assert "study.json" in app.error[0].value
    assert not app.exception


def test_the_matrix_is_the_mean_over_seeds() -> None:
    heat = matrix(STUDY, "scratch", "auc").data[0]
    assert np.asarray(heat.z)[0] == pytest.approx([0.905, 0.4, 0.4])
    assert list(heat.y) == list(heat.x) == list(SCHEMES)
    unfinished = replace(STUDY, runs=STUDY.runs[:1])
    assert np.isnan(np.asarray(matrix(unfinished, "frozen", "auc").data[0].z)).all()


def test_every_regime_has_its_row_and_its_curves(models: Path, app: AppTest) -> None:
    open_page(app)
    table = app.main.table[0].value
    assert list(table["Trained"]) == ["From scratch", "New head on a frozen backbone"]
    assert next(iter(table["AUC fed as trained"])) == "0.905 (raw) to 0.905 (raw)"
    assert len(app.main.get("plotly_chart")) == 3  # two regimes' curves, one matrix


def test_a_study_without_runs_says_so(models: Path, app: AppTest) -> None:
    path = models / "study" / "made_up" / "study.json"
    path.write_text(json.dumps(to_plain(replace(STUDY, runs=()))))
    open_page(app)
    assert not app.exception
    assert "so the study can't say" in app.main.markdown[0].value


def test_curves_of_all_regimes_have_one_scale() -> None:
    slow = tuple(
        replace(r, epochs=tuple(replace(e, loss=10.0 * (e.loss or 0)) for e in r.epochs))
        for r in STUDY.of("frozen")
    )
    study = replace(STUDY, runs=STUDY.of("scratch") + slow)
    ranges = [curves(study, name, "loss").layout.yaxis.range for name in study.regimes]
    assert ranges[0] == ranges[1]
    low, high = 10 ** np.array(ranges[0])
    assert 0.28 < low < 1 / 3  # 1 / 3 to 10, with a little room
    assert 10 < high < 12


def test_curves_without_a_value_have_no_scale() -> None:
    none = tuple(
        replace(r, epochs=tuple(replace(e, gradient_norm=None) for e in r.epochs))
        for r in STUDY.runs
    )
    figure = curves(replace(STUDY, runs=none), "scratch", "gradient_norm")
    assert not figure.data
    assert figure.layout.yaxis.range is None
    assert ends(replace(STUDY, runs=none), "scratch", "gradient_norm") == "nothing was recorded"
    assert ends(STUDY, "scratch", "loss").startswith("raw 1 to 0.333; ")


def test_curves_have_a_band_over_the_seeds() -> None:
    traces = curves(STUDY, "scratch", "validation_auc").data
    assert len(traces) == 2 * len(SCHEMES)
    band, line = traces[:2]
    assert line.name == "raw"
    assert list(line.y) == pytest.approx([0.61, 0.71, 0.81])
    assert list(band.y) == pytest.approx([0.62, 0.72, 0.82, 0.8, 0.7, 0.6])
    one_seed = replace(STUDY, runs=STUDY.runs[:1])
    assert len(curves(one_seed, "scratch", "loss").data) == 1


def test_a_seed_without_a_value_leaves_the_others(models: Path) -> None:
    lost = [replace(e, loss=None) for e in STUDY.runs[0].epochs[1:]]
    first = replace(STUDY.runs[0], epochs=(STUDY.runs[0].epochs[0], *lost[:1]))
    study = replace(STUDY, runs=(first, *STUDY.runs[1:]))
    line = curves(study, "scratch", "loss").data[1]
    assert list(line.y) == pytest.approx([1.0, 1 / 2, 1 / 3])  # of seed 1 from epoch 2 on
    assert ends(study, "scratch", "loss").startswith("raw 1 to 0.333; ")


def test_a_missing_value_is_a_gap() -> None:
    line = curves(STUDY, "scratch", "gradient_norm").data[1]
    assert np.isnan(line.y[1])
