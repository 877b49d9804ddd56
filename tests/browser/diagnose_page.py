"""Driving the page Diagnose in the browser."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import settle

UPLOADER = '[data-testid="stFileUploader"] input[type=file]'
VERDICT = ".st-key-verdict"


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(VERDICT).wait_for()
    settle(page)


def pane(page: Page, kind: str) -> Locator:
    """The pane "Radiograph", "Heatmap" or "Second radiograph", its pixels fetched."""
    stage = page.get_by_role("application", name=re.compile(f"^{kind}, to be"))
    stage.scroll_into_view_if_needed()
    stage.hover()
    expect(stage).to_have_attribute("data-pixels", "here", timeout=30_000)
    return stage
