"""The keys and the tour under AppTest, with the fake engine; the keyboard itself is in browser/."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.made_study import STUDY
from xray_app.core.images import OPACITY
from xray_app.samples import read_sample
from xray_app.ui.guide import tour_words
from xray_app.ui.guide.shortcuts import LISTED, SHORTCUTS
from xray_app.ui.key_script import AREAS, KEYS
from xray_app.ui.widgets.choices.source import Source

INSIDE, STUDY_PAGE = "xray_app/ui/pages/inside.py", "xray_app/ui/pages/study.py"


def press(app: AppTest, name: str) -> AppTest:
    app.button(key=f"key_{name}").click().run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    """All texts of the page, the tour's among them."""
    assert not app.exception
    return "\n".join(element.value for element in app.main.markdown)


def test_radiographs_go_round(app: AppTest) -> None:
    names = app.run().selectbox(key="sample").options
    press(app, "previous")
    assert app.selectbox(key="sample").value == "viral_pneumonia_4"
    press(app, "next")
    app.session_state["offers_drawn"] = {}  # as a run leaves it that a second press interrupts
    press(app, "next")
    assert app.selectbox(key="sample").value == "bacterial_pneumonia_2"
    assert len(names) == 12


def test_of_several_uploads_the_next_is_shown(app: AppTest) -> None:
    data = read_sample("normal_1")
    uploader = app.run().file_uploader(key="uploads")
    uploader.upload("a.png", data, "image/png").upload("b.png", data, "image/png").run()
    assert "a.png" in app.selectbox(key="shown").options[0]
    before = app.selectbox(key="shown").value
    assert press(app, "next").selectbox(key="shown").value != before
    assert press(app, "next").selectbox(key="shown").value == before


def test_schemes_go_on_and_back_to_training(app: AppTest) -> None:
    press(app.run(), "scheme")
    assert app.selectbox(key="scheme").value == "rescale"
    assert press(app, "trained").selectbox(key="scheme").value == "raw"
    app.selectbox(key="scheme").set_value("custom").run()
    assert press(app, "scheme").selectbox(key="scheme").value == "raw"  # never "another pair"


def test_the_overlay_goes_and_comes_back_as_it_was(app: AppTest) -> None:
    slider = app.run().slider(key="opacity")
    assert slider.value == OPACITY
    slider.set_value(0.35).run()
    assert press(app, "overlay").slider(key="opacity").value == 0.0
    assert press(app, "overlay").slider(key="opacity").value == 0.35


def test_the_next_explanation(app: AppTest) -> None:
    box = app.run().selectbox(key="explanation")
    before = box.value
    assert press(app, "explanation").selectbox(key="explanation").value != before


def test_keys_are_all_different_and_can_be_turned_off(app: AppTest) -> None:
    assert len(KEYS) == len(AREAS)
    assert set(LISTED) == set(AREAS)
    assert {KEYS[name] for name in SHORTCUTS} < set(AREAS)
    app.session_state["keys_are_off"] = True
    app.run()
    assert app.button(key="list_keys").label == "Keyboard shortcuts, turned off"


def test_the_tour_says_what_the_model_answers(app: AppTest) -> None:
    app.query_params["tour"] = "1"
    app.run()
    assert app.selectbox(key="sample").value == "normal_2"
    shown = app.header[0].value  # class and probability, on the page itself
    assert "**Tour, step 1 of 5: As trained**" in said(app)
    assert f"The model answers **{shown}**." in said(app)
    app.query_params["tour"] = "2"
    app.run()
    assert app.selectbox(key="scheme").value == "rescale"
    assert app.header[0].value.strip(":gray[~]") in said(app)
    assert f"instead of **{shown}**" in said(app)
    assert app.query_params["tour"] == "2"


def test_off_the_steps_view_the_tour_is_one_line(app: AppTest) -> None:
    app.query_params["tour"] = "2"
    app.run()
    press(app, "next")
    assert "instead of" not in said(app)
    assert "Tour, step 2" in said(app)


def test_the_tour_is_left_at_any_step(app: AppTest) -> None:
    app.query_params["tour"] = "2"
    app.run()
    app.button(key="tour_leave").click().run()
    assert "Tour, step" not in said(app)
    assert "tour" not in app.query_params
    assert app.selectbox(key="sample").value == "normal_2"


def test_a_wrong_step_is_said(app: AppTest) -> None:
    app.query_params["tour"] = "6"
    app.run()
    assert "Unknown step of the tour '6'" in app.warning[0].value


def test_an_uploaded_radiograph_comes_back_at_the_end(app: AppTest) -> None:
    data = read_sample("normal_1")
    app.run().file_uploader(key="uploads").upload("own.png", data, "image/png").run()
    app.query_params["tour"] = "1"
    app.run()
    assert "Of the tour: Normal 2" in "\n".join(c.value for c in app.sidebar.caption)
    app.query_params["tour"] = "5"
    app.run()
    assert "Of the tour" not in "\n".join(c.value for c in app.sidebar.caption)
    assert "a radiograph of yours" in said(app)


def test_what_the_visitor_opened_stays_at_the_end(app: AppTest) -> None:
    app.query_params["tour"] = "1"
    own = Source("batch:1", "ward.png", read_sample("normal_1"), is_sample=False)
    app.run().session_state["opened"] = own
    app.run().button(key="tour_leave").click().run()
    assert not app.exception
    assert app.session_state["selection"].source.label == "ward.png"


def test_the_tours_own_sample_goes_at_the_end(app: AppTest) -> None:
    app.run().file_uploader(key="uploads").upload("own.png", read_sample("normal_1")).run()
    app.query_params["tour"] = "1"
    app.run().button(key="tour_leave").click().run()
    assert app.session_state["selection"].source.label == "own.png"


def test_what_the_first_convolution_got() -> None:
    reaches = (
        SimpleNamespace(scheme="raw", image=(-2.0, 2.0)),
        SimpleNamespace(scheme="rescale", image=(-2.0, -1.6)),
    )
    inside: Any = SimpleNamespace(reaches=reaches, training_range=(-2.0, 2.5))
    words = tour_words.convolution_words(inside, "raw", "rescale")
    assert "-2 to 2 as trained, and -2 to -1.6 under `rescale`, 10 times narrower" in words
    assert "Training spanned -2 to 2.5." in words
    same = tour_words.convolution_words(inside, "raw", "raw")
    assert "narrower" not in same


def test_the_matrix_in_words() -> None:
    """Seeds 1 and 2: 0.91 and 0.92 where the schemes agree, 0.4 elsewhere."""
    words = tour_words.matrix_words(STUDY)
    assert "3 schemes in training" in words
    own = STUDY.figure("scratch", "raw", "raw", "auc")
    assert f"the AUC is {own:.3f} to {own:.3f}; with two different ones 0.400 to 0.400" in words


def test_a_closed_gate_hides_the_prediction() -> None:
    gate = SimpleNamespace(verdict="closed", reason="This is a photograph.")
    found: Any = SimpleNamespace(gate=gate, scheme="rescale")
    card: Any = None  # not asked behind a closed gate
    assert tour_words.divided_words(card, found, [np.ones(3)]) == "This is a photograph."


@pytest.mark.parametrize(("page", "number"), [(INSIDE, "3"), (STUDY_PAGE, "4")])
def test_the_steps_on_other_pages(app: AppTest, page: str, number: str) -> None:
    app.run().switch_page(page)
    app.query_params["tour"] = number
    app.run()
    assert f"Tour, step {number} of 5" in said(app)
    assert "further down" in said(app)
