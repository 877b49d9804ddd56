"""A visitor's own ONNX file in a real browser: inspected, used, asked and compared."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import settle
from tests.engines.onnx_models import classifier, saved

pytestmark = pytest.mark.browser


def test_an_own_model_is_used_and_compared(page: Page, server: str, tmp_path: Path) -> None:
    page.goto(f"{server}/inside?sample=normal_2")
    upload = page.locator('main [data-testid="stFileUploader"] input').first
    upload.set_input_files(saved(classifier(), tmp_path, "mine.onnx"))
    names = page.get_by_label("Names of its 3 classes")
    names.fill("Normal\nPneumonia\nCOVID")
    names.press("Control+Enter")
    settle(page)
    page.get_by_role("button", name="Use in this session").click()
    page.get_by_text("In use: Your own: mine.onnx").wait_for()

    page.get_by_role("link", name="Diagnose").first.click()
    verdict = page.locator(".st-key-verdict")
    verdict.get_by_text("Fits training.").wait_for()
    said = verdict.get_by_role("heading", level=2)
    expect(said).to_have_text("COVID 1.00")
    expect(page.get_by_text("mine.onnx is your own model: nothing checks")).to_be_visible()

    page.get_by_role("link", name="Compare models").first.click()
    page.get_by_text("Their classes differ, so only normal or not can be compared").wait_for()
    settle(page)
    page.get_by_role("combobox", name="Model", exact=True).click()
    page.get_by_role("option", name="EfficientNetB4").click()
    page.get_by_role("heading", name="B: Your own: mine.onnx").wait_for()
    settle(page)
    # The scheme's label said "as trained" of the other model; a click sends it back.
    page.get_by_text("Both rescale, as B").click()
    page.get_by_text("only B gets what it was trained for").wait_for()
    expect(page.get_by_text("Unknown scheme")).to_have_count(0)
