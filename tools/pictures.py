"""The README's pictures, taken of the app itself.

    python -m tools.pictures

Starts the app, opens each page with a drawn sample, and writes docs/*.png.
"""

from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.browser import launch
from benchmarks.load_server import running_server

DOCS = Path(__file__).parent.parent / "docs"
WIDTH, HEIGHT = 1440, 1000
# Picture, address, what is there once the page is whole.
PICTURES = {
    "diagnose-light-1440.png": ("/?sample=normal_1&scheme=rescale", "Where each pixel value came"),
    "compare.png": ("/compare?sample=viral_pneumonia_3", "Same image, another fit"),
    "study.png": ("/study", "Settings, and how to repeat it"),
}


def take(browser: Browser, address: str, path: Path, there: str) -> None:
    """One page from top to bottom."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(address)
    page.get_by_text(there).first.wait_for(timeout=120_000)
    _settle(page)
    height = page.get_by_test_id("stMain").evaluate("e => e.scrollHeight")
    page.set_viewport_size({"width": WIDTH, "height": int(height)})
    _settle(page)
    page.screenshot(path=path)
    context.close()


def _settle(page: Page) -> None:
    page.wait_for_function(
        "() => !document.querySelector('[data-testid=stStatusWidget], [data-testid=stSpinner]')",
        timeout=120_000,
    )
    page.wait_for_timeout(3_000)  # charts fade in


def main() -> None:
    """Take them all."""
    with running_server() as (address, _), sync_playwright() as playwright:
        browser = launch(playwright)
        for name, (place, there) in PICTURES.items():
            take(browser, address + place, DOCS / name, there)
        browser.close()


if __name__ == "__main__":
    main()
