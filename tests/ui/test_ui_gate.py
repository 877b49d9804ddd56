"""The gate on the page Diagnose: open, closed, shown anyway, mended."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.made_files import WHITE, png
from tests.ui.pages import texts
from tests.ui.viewers import viewers
from xray_app.engines import find_card
from xray_app.ui.widgets import other_models

BUNDLED, ADULTS = "cxr_efficientnetb4", "cxr_lite0_tb"
# Dark enough for a negative, and inverted not bright enough for an adult.
BLACK = np.tile(np.linspace(0, 82, 40, dtype=np.uint8), (40, 1))


def upload(app: AppTest, pixels: np.ndarray) -> AppTest:
    app.run()
    return app.file_uploader(key="uploads").upload("a.png", png(pixels), "image/png").run()


def keys(app: AppTest) -> set[str]:
    return {button.key for button in app.button if (button.key or "").startswith("gate_")}


def images(app: AppTest) -> int:
    return len(viewers(app))


def test_an_open_gate_is_one_quiet_line(gated: AppTest) -> None:
    gated.run()
    assert not gated.exception
    assert "This is not told apart from what the model was trained on: nobody." in texts(gated)
    assert not gated.error
    assert not keys(gated)
    assert images(gated) == 2


def test_a_model_without_a_gate_says_so(app: AppTest) -> None:
    app.run()
    assert "Nothing checks whether this model knows such images" in texts(app)
    assert images(app) == 2


def test_a_closed_gate_comes_first_and_hides_the_result(gated: AppTest) -> None:
    upload(gated, WHITE)
    assert not gated.exception
    assert "adult" in gated.error[0].value
    assert "No prediction is shown" in gated.error[0].value
    assert keys(gated) == {"gate_show"}
    assert images(gated) == 1
    assert not [h for h in gated.header if "pneumonia" in h.value or "Normal" in h.value]
    assert gated.success[0].value.startswith("**Fits training.**")  # the contract stays
    assert not gated.get("download_button")


def test_shown_anyway_it_is_marked(gated: AppTest) -> None:
    upload(gated, WHITE)
    gated.button(key="gate_show").click().run()
    assert not gated.exception
    assert images(gated) == 2
    assert "~~" in gated.header[0].value
    assert "outside what the model knows" in gated.error[0].value
    assert any("Evidence for" in c.value and "outside what" in c.value for c in gated.caption)
    assert not keys(gated)


def test_a_negative_is_mended_in_one_click_and_back(gated: AppTest) -> None:
    upload(gated, BLACK)
    assert "negative" in gated.error[0].value
    assert keys(gated) == {"gate_fix", "gate_show"}
    gated.button(key="gate_fix").click().run()
    assert not gated.exception
    assert not gated.error
    assert "not told apart from" in texts(gated)
    assert "At your request: inverted" in texts(gated)
    steps = [table.value for table in gated.table if "Step" in table.value.columns]
    assert "Inverted" in steps[0]["Step"].tolist()
    gated.button(key="gate_undo").click().run()
    assert "negative" in gated.error[0].value


def test_a_correction_belongs_to_its_image(gated: AppTest) -> None:
    gated.run()
    files = [(name, png(BLACK + i), "image/png") for i, name in enumerate(("a.png", "b.png"))]
    gated.file_uploader(key="uploads").set_value(files).run()
    gated.button(key="gate_fix").click().run()
    assert "At your request" in texts(gated)
    gated.selectbox(key="shown").select_index(1).run()
    assert "At your request" not in texts(gated)
    assert "negative" in gated.error[0].value


def test_another_model_that_knows_the_image_is_one_click_away(
    gated: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(gated, WHITE)
    assert "No installed model of other people knows such an image either." in texts(gated)
    monkeypatch.setattr(other_models, "known_to", lambda card, radiograph: True)
    gated.run()
    assert "Not told apart from what another installed model was trained on" in texts(gated)
    assert gated.selectbox(key="model").value == BUNDLED  # nothing changes unasked
    gated.button(key=f"use_{ADULTS}").click().run()
    assert not gated.exception
    assert gated.selectbox(key="model").value == ADULTS
    assert gated.selectbox(key="scheme").value == find_card(ADULTS).contract.scheme


def test_what_can_be_mended_is_offered_to_no_other_model(gated: AppTest) -> None:
    upload(gated, BLACK)
    assert "installed model" not in texts(gated)
