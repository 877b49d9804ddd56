"""The page Compare schemes under AppTest, with the fake engine."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes import FakeEngine
from xray_app.core.normalization import CONTRASTS, SCALES
from xray_app.diagnosis.scheme_grid import grid_for
from xray_app.ui.widgets import arriving_grid
from xray_app.ui.widgets.arriving_grid import ArrivingGrid


def open_page(app: AppTest) -> AppTest:
    return app.run().switch_page("xray_app/ui/pages/compare.py").run()


def cell(app: AppTest, scheme: str) -> object:
    return next(b for b in app.button if b.key and b.key.startswith("cell_") and
                b.key.split("_", 2)[2] == scheme)  # fmt: skip


def test_the_answer_is_the_first_line_and_the_grid_is_whole(
    app: AppTest, engine: FakeEngine
) -> None:
    open_page(app)
    assert not app.exception
    first = app.main.markdown[0].value
    assert first.startswith("**Contrast: at the model's own scale (bytes, 0 to 255)")
    assert "**Scale: of 6 others, " in first
    names = grid_for(engine.card).names
    assert len(names) == len(CONTRASTS) * len(SCALES) == 35
    buttons = [b.key.split("_", 2)[2] for b in app.button if (b.key or "").startswith("cell_")]
    assert buttons == list(names)
    assert list(app.dataframe[0].value["Scheme"]) == list(names)


@pytest.mark.parametrize("scheme", ["clahe+byte", "rescale", "equalize+zscore"])
def test_a_cell_opens_below(app: AppTest, engine: FakeEngine, scheme: str) -> None:
    open_page(app)
    calls = engine.calls
    cell(app, scheme).click().run()
    assert not app.exception
    assert engine.calls == calls  # everything was computed for the grid
    alternatives = [image.alt for e in app.get("image") for image in e.proto.imgs]
    assert any(f"Heatmap under {scheme}, peak" in alt for alt in alternatives), alternatives
    assert any("Heatmap under raw, peak" in alt for alt in alternatives)
    assert opened(app).endswith(f"_{scheme.replace('+', '-')}")


def opened(app: AppTest) -> str:
    """The class of the cell that is outlined."""
    style = next(h.proto.body for h in app.get("html") if "scheme_grid" in h.proto.body)
    return style.rpartition(" button { outline")[0].rpartition(".")[2]


def test_the_scheme_of_the_sidebar_is_open_at_first(app: AppTest) -> None:
    app.query_params["scheme"] = "clahe"
    open_page(app)
    assert opened(app) == "st-key-cell_mismatch_clahe"


def test_a_contrast_is_offered_at_the_models_own_scale_first(app: AppTest) -> None:
    app.run()
    options = app.selectbox(key="scheme").options
    labels = [o for o in options if "CLAHE" in o]
    assert labels == ["CLAHE, at this model's scale (clahe+byte)", "CLAHE, 0 to 1 (clahe)"]
    app.selectbox(key="scheme").set_value("clahe+byte").run()
    assert not app.exception
    assert app.query_params["scheme"] == "clahe+byte"


def test_the_curves_are_there_in_words_too(app: AppTest) -> None:
    open_page(app)
    alternatives = [chart.proto.alt for chart in app.get("plotly_chart")]
    assert any("over the gamma from 0.5 to 2" in text for text in alternatives), alternatives
    assert any(m.value.startswith("The class ") for m in app.main.markdown)


def test_choices_follow_from_page_to_page(app: AppTest) -> None:
    app.run()
    app.selectbox(key="sample").set_value("normal_3").run()
    open_page(app)
    assert app.selectbox(key="sample").value == "normal_3"


def test_figures_of_empty_heatmaps_are_shown_as_undefined(app: AppTest, engine: FakeEngine) -> None:
    engine.head = np.zeros_like(engine.head)
    open_page(app)
    assert not app.exception
    table = app.dataframe[0]
    assert table.value["Rank correlation"].isna().all()
    assert table.value["SSIM"].isna().all()
    assert table.proto.placeholder == "undefined"


def test_a_fit_opens_below(app: AppTest, engine: FakeEngine) -> None:
    open_page(app)
    buttons = [b for b in app.button if (b.key or "").startswith("fit_")]
    assert [b.key for b in buttons] == [f"fit_{place}" for place in range(6)]
    assert "As trained" in buttons[0].label
    calls = engine.calls
    buttons[3].click().run()
    assert not app.exception
    assert engine.calls == calls  # everything was computed for the strip
    said = [m.value for m in app.main.markdown]
    assert any("Right scale, but shorter side to 37, then centre crop" in text for text in said)
    assert any(text.startswith("Geometry: ") for text in said)


def test_cells_appear_as_they_come(
    app: AppTest, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    clock = iter(range(10_000))  # a second passes at each look
    monkeypatch.setattr(arriving_grid.time, "monotonic", lambda: float(next(clock)))
    shown = ArrivingGrid._table
    monkeypatch.setattr(
        ArrivingGrid, "_table", lambda self, some: drawn.append(shown(self, some)) or drawn[-1]
    )
    open_page(app)
    assert not app.exception
    left = [table.count("…") for table in drawn]
    assert left == sorted(left, reverse=True)
    assert (left[0], left[-1]) == (30, 0)
    assert all(len(table.splitlines()) == 7 for table in drawn)
    assert not any("…" in m.value for m in app.main.markdown)  # the grid has taken their place
