"""What axe-core finds on every page: nothing of the app's own."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import settle

pytestmark = pytest.mark.browser

PAGES = ("", "compare", "models", "inside", "check", "study", "batch", "card")
# What a bare Streamlit page has as well, by rule and by what the element's HTML begins with: the
# place to drop files, and formulas and tables that scroll on a narrow screen.
STREAMLITS_OWN = {
    "presentation-role-conflict": ('<section role="presentation" tabindex="-1"',),
    "scrollable-region-focusable": (
        '<span class="katex-display">',
        '<div class="st-emotion-cache',
    ),
}


def found(page: Page) -> list[tuple[str, str, str]]:
    """Rule, element and reason of every violation that is the app's own."""
    violations: list[dict[str, Any]] = Axe().run(page).response["violations"]
    nodes = [(v["id"], node) for v in violations for node in v["nodes"]]
    return [
        (rule, node["html"][:200], node.get("failureSummary", ""))
        for rule, node in nodes
        if not node["html"].startswith(STREAMLITS_OWN.get(rule, ()) or "\0")
    ]


# Each width and each theme once; the other two pairs are run on request (-m slow).
@pytest.mark.parametrize(
    ("width", "theme"),
    [
        (1440, "light"),
        (390, "dark"),
        pytest.param(1440, "dark", marks=pytest.mark.slow),
        pytest.param(390, "light", marks=pytest.mark.slow),
    ],
)
def test_axe_finds_nothing(
    browser: Browser, server: str, tmp_path: Path, width: int, theme: Any
) -> None:
    (tmp_path / "a.png").write_bytes(b"none")
    context = browser.new_context(
        viewport={"width": width, "height": 1000},
        color_scheme=theme,
        bypass_csp=True,  # axe is put into the page
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    for name in PAGES:
        page.goto(f"{server}/{name}?sample=normal_2&scheme=rescale")
        page.get_by_role("heading", level=1).wait_for()
        settle(page)
        page.wait_for_timeout(1500)
        assert not found(page), name
    page.goto(f"{server}/batch")
    settle(page)
    page.locator('main [data-testid="stFileUploader"] input').set_input_files(tmp_path / "a.png")
    page.get_by_role("button", name="Start").wait_for()
    settle(page)
    assert not found(page)
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_focus_on_a_page_link_is_seen(browser: Browser, server: str, theme: Any) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 800}, color_scheme=theme)
    page = context.new_page()
    page.goto(server)
    link = page.get_by_test_id("stTopNavLink").nth(1)
    link.wait_for()
    settle(page)
    page.get_by_test_id("stTopNavLink").first.focus()
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    expect(link).to_have_css("outline-style", "solid")
    context.close()


def test_every_help_says_what_it_helps_with(page: Page, server: str) -> None:
    for name in PAGES:
        page.goto(f"{server}/{name}?sample=normal_2&scheme=rescale")
        page.get_by_role("heading", level=1).wait_for()
        settle(page)
        expect(page.get_by_role("button", name="Help", exact=True)).to_have_count(0)
