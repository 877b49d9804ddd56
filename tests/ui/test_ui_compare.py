"""The page Compare schemes under AppTest, with the fake engine."""

import numpy as np
from streamlit.testing.v1 import AppTest

from tests.fakes import FakeEngine
from xray_app.core.normalization.schemes import PRESETS


def open_page(app: AppTest) -> AppTest:
    return app.run().switch_page("xray_app/ui/pages/compare.py").run()


def test_the_conclusion_is_the_first_line(app: AppTest) -> None:
    open_page(app)
    assert not app.exception
    first = app.main.markdown[0].value
    assert first.startswith("**It ")
    assert "trained with `raw`" in first
    assert list(app.dataframe[0].value["Scheme"]) == list(PRESETS)


def test_schemes_can_be_taken_out_and_typed_in(app: AppTest) -> None:
    open_page(app)
    app.multiselect(key="schemes").set_value(["clahe+byte"]).run()
    assert not app.exception
    assert list(app.dataframe[0].value["Scheme"]) == ["raw", "clahe+byte"]


def test_a_pair_that_does_not_exist_is_one_sentence(app: AppTest) -> None:
    open_page(app)
    app.multiselect(key="schemes").set_value(["clahe+bite"]).run()
    assert not app.exception
    assert app.error[0].value.startswith("Unknown scale step 'bite'")


def test_the_heatmap_scale_recomputes_nothing(app: AppTest, engine: FakeEngine) -> None:
    open_page(app)
    calls = engine.calls
    app.segmented_control(key="heat_scale").set_value("Each its own").run()
    assert not app.exception
    assert engine.calls == calls
    assert any("stretched to its own peak" in caption.value for caption in app.caption)


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
