"""Every page whole, no wider than the window, and axe-core finds nothing of the app's own there."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import nothing_leaves, settle
from tests.browser.pages import found, go_to

pytestmark = pytest.mark.browser

# Name in the menu and something that stands at the end of the page.
PAGES = {
    "Diagnose": "Text burned into the pixels",
    "Compare schemes": "Heatmaps, PNG",
    "Compare models": "Each heatmap has a scale of its own",
    "Inside the model": "Bring your own model",
    "Check a pipeline": "All of it, JSON",
    "Study": "Settings, and how to repeat it",
    "Model card": "Where it comes from",
    "Batch": "Put in radiographs, or a zip",
}


def look_at(page: Page, end: str) -> None:
    """What holds on every page."""
    page.get_by_text(end).last.wait_for()
    settle(page)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=60_000)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert page.get_by_test_id("stAlert").filter(has_text="xpected").count() == 0
    expect(page.get_by_role("button", name="Help", exact=True)).to_have_count(0)
    assert page.get_by_test_id("stMain").evaluate("e => e.scrollWidth <= e.clientWidth")
    assert not found(page), end


def look_at_focus(page: Page) -> None:
    """A link of the menu that has the keyboard's focus is seen to have it."""
    link = page.get_by_test_id("stTopNavLink").nth(1)
    page.get_by_test_id("stTopNavLink").first.focus()
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    expect(link).to_have_css("outline-style", "solid")


# Each width and each theme once; the other pairs are run on request (-m slow).
@pytest.mark.parametrize(
    ("width", "theme"),
    [
        (1440, "light"),
        (390, "dark"),
        pytest.param(1440, "dark", marks=pytest.mark.slow),
        pytest.param(390, "light", marks=pytest.mark.slow),
    ],
)
def test_every_page_is_whole_and_axe_finds_nothing(
    browser: Browser, server: str, tmp_path: Path, width: int, theme: Any
) -> None:
    (tmp_path / "a.png").write_bytes(b"none")
    context = browser.new_context(viewport={"width": width, "height": 1000}, color_scheme=theme)
    context.set_default_timeout(60_000)
    with nothing_leaves(context):
        page = context.new_page()
        page.goto(f"{server}/?sample=normal_2&scheme=rescale")
        page.get_by_role("button", name="Result, JSON").wait_for()
        if width == 1440:
            look_at_focus(page)
            page.emulate_media(color_scheme="dark")
            look_at_focus(page)
            page.emulate_media(color_scheme=theme)
        for name, end in PAGES.items():
            go_to(page, name)
            look_at(page, end)
        uploader = page.locator('main [data-testid="stFileUploader"] input')
        uploader.set_input_files(tmp_path / "a.png")
        expect(page.get_by_role("button", name="Start")).to_be_enabled()
        settle(page)
        assert not found(page)
        page.get_by_role("heading", level=1).click()
        page.keyboard.press("?")
        page.get_by_role("dialog").get_by_text("Next radiograph").wait_for()
        assert not found(page, "[role=dialog]")
        page.keyboard.press("Escape")
        go_to(page, "Diagnose")
        page.get_by_role("link", name="Tour in five steps").click()
        expect(page.locator(".st-key-tour")).to_contain_text("The model answers")
        assert not found(page, ".st-key-tour")
    context.close()
