"""The grid of Compare as a person uses it: by mouse, by keyboard, wide and narrow."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import nothing_leaves, settle
from tests.browser.diagnose_page import pane
from tests.browser.pages import go_to

pytestmark = pytest.mark.browser

CELLS = '[class*="st-key-cell_"] button:visible'  # another of each is there for touch screens


def open_compare(page: Page, server: str) -> None:
    page.goto(f"{server}/compare?sample=viral_pneumonia_1")
    page.locator(CELLS).nth(34).wait_for()
    page.get_by_role("heading", name="Would another window").wait_for()
    settle(page)


def test_the_grid_in_one_view_its_cells_and_fits_by_mouse_and_by_keyboard(
    page: Page, server: str
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    open_compare(page, server)
    cells = page.locator(CELLS)
    expect(cells).to_have_count(35)
    for place in (0, 34):
        expect(cells.nth(place)).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("Contrast: at the model's own scale")).to_be_visible()
    expect(page.get_by_text("a blank one gets the same, within")).to_be_visible()

    cells.nth(28).click()  # the last contrast at the model's own scale
    expect(page.get_by_role("heading", name="CLAHE + Bytes, 0 to 255")).to_be_visible()
    expect(page.get_by_alt_text("Heatmap under clahe+byte, peak")).to_be_visible()
    settle(page)
    cells.nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Divide by 255")).to_be_visible()
    expect(page.get_by_alt_text("Heatmap under rescale, peak")).to_be_visible()
    settle(page)
    page.keyboard.press("Tab")  # the focus stays where it was
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name="Signed, -1 to 1")).to_be_visible()
    settle(page)

    cropped = page.locator(".st-key-fit_3 button:visible")
    cropped.click()
    opened = page.get_by_test_id("stMainBlockContainer")  # not the button's tooltip
    expect(opened.get_by_text("Right scale, but shorter side to 293")).to_be_visible()
    expect(page.get_by_alt_text("Resized, then cropped: heatmap")).to_have_count(2)
    settle(page)
    assert "3px" in cropped.evaluate("e => getComputedStyle(e).outline")
    page.locator(".st-key-fit_1 button:visible").focus()
    page.keyboard.press("Enter")
    expect(opened.get_by_text("Right scale, but padded with 0")).to_be_visible()


def touch(page: Page, *moments: list[tuple[float, float]]) -> None:
    """Fingers on the screen: where each is, moment by moment; then they go."""
    session = page.context.new_cdp_session(page)
    for kind, fingers in zip(("touchStart", *["touchMove"] * len(moments)), moments, strict=False):
        points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(fingers)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def pinch_and_move(page: Page) -> None:
    """Two fingers zoom into the radiograph, then one moves it."""
    stage = pane(page, "Radiograph")
    stage.evaluate("e => e.scrollIntoView({block: 'center'})")
    box = stage.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = float(stage.get_attribute("data-zoom") or 0.0)
    touch(page, *[[(x - apart, y), (x + apart, y)] for apart in (20, 30, 40)])
    handle = stage.element_handle()
    twice = "([e, zoom]) => Math.abs(e.dataset.zoom / zoom - 2) < 0.01"  # twice as far apart
    page.wait_for_function(twice, arg=[handle, before])
    zoomed = stage.evaluate("e => e.querySelector('canvas').toDataURL()")
    touch(page, [(x, y)], [(x + 20, y + 10)], [(x + 40, y + 20)])
    moved = "([e, before]) => e.querySelector('canvas').toDataURL() !== before"
    page.wait_for_function(moved, arg=[handle, zoomed])


def test_on_a_phone_the_grid_scrolls_a_tap_opens_a_cell_and_fingers_zoom(
    browser: Browser, server: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    context.set_default_timeout(60_000)
    with nothing_leaves(context):
        phone = context.new_page()
        open_compare(phone, server)
        main = phone.get_by_test_id("stMain")
        assert main.evaluate("e => e.scrollWidth <= e.clientWidth")
        last = phone.locator(CELLS).nth(6)
        last.scroll_into_view_if_needed()
        last.tap()
        expect(phone.get_by_role("heading", name="Per-image z-score")).to_be_visible()
        go_to(phone, "Diagnose")
        phone.get_by_role("button", name="Result, JSON").wait_for()
        settle(phone)
        pinch_and_move(phone)
        phone.set_viewport_size({"width": 768, "height": 1024})
        settle(phone)
        pinch_and_move(phone)
    context.close()
