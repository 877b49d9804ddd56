"""What holds for every page: how it is gone to, and what axe-core finds there."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# What a bare Streamlit page has as well, by rule and by what the element's HTML begins with: the
# place to drop files, and formulas and tables that scroll on a narrow screen.
STREAMLITS_OWN = {
    "presentation-role-conflict": ('<section role="presentation" tabindex="-1"',),
    "scrollable-region-focusable": (
        '<span class="katex-display">',
        '<div class="st-emotion-cache',
    ),
}


def go_to(page: Page, name: str) -> None:
    """By the menu, which a narrow window has in the folded sidebar."""
    page.locator('[data-testid$="NavLink"]', has_text=name).first.dispatch_event("click")


def found(page: Page, within: str | None = None) -> list[tuple[str, str, str]]:
    """Rule, element and reason of every violation that is the app's own.

    Args:
        page: as it is shown.
        within: a selector; the whole page if None.
    """
    violations: list[dict[str, Any]] = Axe().run(page, within).response["violations"]
    nodes = [(v["id"], node) for v in violations for node in v["nodes"]]
    return [
        (rule, node["html"][:200], node.get("failureSummary", ""))
        for rule, node in nodes
        if not node["html"].startswith(STREAMLITS_OWN.get(rule, ()) or "\0")
    ]
