"""Driving the page Batch in the browser."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import settle

UPLOADER = '[data-testid="stMain"] [data-testid="stFileUploader"] input[type=file]'


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Start").wait_for()
    settle(page)


def begin(page: Page, files: object) -> None:
    page.locator(UPLOADER).set_input_files(files)
    start = page.get_by_role("button", name="Start")
    expect(start).to_be_enabled()
    start.click()


def open_first_row(page: Page) -> None:
    """Mark the table's first row and open it in Diagnose."""
    grid = page.get_by_test_id("stDataFrame")
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 16, box["y"] + 60)  # the first row's mark
    opener = page.get_by_role("button", name="Open in Diagnose")
    expect(opener).to_be_enabled()
    opener.click()
    page.locator(".st-key-verdict").wait_for()
