"""Every page on the real server, in both themes, wide and narrow."""

import os

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import settle
from tests.conftest import ROOT

pytestmark = pytest.mark.browser

# Address and something that stands at the end of the page.
PAGES = {
    "compare": "Heatmaps, PNG",
    "inside": "Bring your own model",
    "study": "Settings, and how to repeat it",
    "card": "Where it comes from",
}


@pytest.mark.parametrize("page_name", PAGES)
@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_the_page_is_drawn_whole(
    browser: Browser, server: str, page_name: str, width: int, theme: str
) -> None:
    """Keeps a screenshot of the wide ones in docs/ when XRAY_APP_SCREENSHOTS is set."""
    context = browser.new_context(
        viewport={"width": width, "height": 1000},
        color_scheme="dark" if theme == "dark" else "light",
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{server}/{page_name}?sample=normal_2")
    page.get_by_text(PAGES[page_name]).last.wait_for()
    settle(page)
    page.wait_for_timeout(1000)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert page.get_by_test_id("stAlert").filter(has_text="xpected").count() == 0
    main = page.get_by_test_id("stMain")
    assert main.evaluate("e => e.scrollWidth <= e.clientWidth")
    if os.environ.get("XRAY_APP_SCREENSHOTS") and width == 1440:
        height = main.evaluate("e => e.scrollHeight")
        page.set_viewport_size({"width": width, "height": height + 20})
        page.wait_for_timeout(1500)
        page.screenshot(path=ROOT / "docs" / f"{page_name}.png")
    context.close()
