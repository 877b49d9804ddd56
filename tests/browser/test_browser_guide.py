"""The keys and the tour as a person uses them: by keyboard, and on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import nothing_leaves, settle
from tests.browser.pages import go_to

pytestmark = pytest.mark.browser


def box(page: Page, name: str) -> str:
    return page.get_by_role("combobox", name=name).input_value()


def press(page: Page, key: str, done: Callable[[], object]) -> None:
    """Press a key and wait until ``done()`` is true."""
    page.keyboard.press(key)
    for _ in range(600):
        page.wait_for_timeout(50)
        if done():
            break
    assert done(), key
    settle(page)


def test_what_is_done_often_has_a_key(page: Page, server: str) -> None:
    page.goto(f"{server}/?sample=normal_2")
    page.get_by_role("button", name="Result, JSON").wait_for()
    settle(page)
    press(page, "n", lambda: "sample=normal_3" in page.url)
    press(page, "p", lambda: "sample=normal_2" in page.url)
    press(page, "s", lambda: "scheme=rescale" in page.url)
    press(page, "t", lambda: "scheme=raw" in page.url)
    slider = page.get_by_role("slider", name="Overlay opacity")
    page.get_by_role("application", name="Radiograph, to be").focus()  # which has other keys
    press(page, "o", lambda: slider.input_value() == "0")
    explanation = box(page, "Explanation")
    press(page, "e", lambda: box(page, "Explanation") != explanation)
    press(page, "m", lambda: "/compare" in page.url)
    assert slider.input_value() == "0"  # what the keys chose comes along

    page.get_by_role("combobox", name="sample").focus()
    page.keyboard.type("sm?")  # who types is left alone
    expect(page.get_by_role("combobox", name="sample")).to_have_value("sm?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_role("heading", level=1).click()
    press(page, "?", lambda: page.get_by_role("dialog").is_visible())
    assert "/compare" in page.url
    assert "scheme=raw" in page.url
    expect(page.get_by_role("dialog")).to_contain_text("Next radiograph")
    page.get_by_role("button", name="Turn them off").press("Enter")
    page.get_by_text("Keyboard shortcuts, turned off").wait_for()
    page.keyboard.press("n")
    page.keyboard.press("?")
    go_to(page, "Diagnose")
    page.get_by_role("button", name="Result, JSON").wait_for()
    settle(page)
    assert "sample=normal_2" in page.url
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_tour_by_keyboard_on_a_phone(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(60_000)
    with nothing_leaves(context):
        page = context.new_page()
        page.goto(server)
        start = page.get_by_role("link", name="Tour in five steps")
        start.wait_for()
        settle(page)
        start.press("Enter")
        card = page.locator(".st-key-tour")
        expect(card).to_contain_text("step 1 of 5", timeout=60_000)
        for number, address in enumerate(("/?", "/inside", "/study", "/?"), start=2):
            following = card.get_by_role("link", name="Next")
            following.wait_for()
            settle(page)
            following.press("Enter")
            expect(card).to_contain_text(f"step {number} of 5", timeout=60_000)
            expect(card).not_to_contain_text("…", timeout=60_000)
            assert address in page.url
            assert f"tour={number}" in page.url
        main = page.get_by_test_id("stMain")
        assert main.evaluate("e => e.scrollWidth <= e.clientWidth")
        settle(page)
        card.get_by_role("button", name="End").press("Enter")
        expect(card).to_have_count(0)
        page.goto(f"{server}/inside?tour=3")  # each step is a link
        expect(card).to_contain_text("times narrower", timeout=60_000)
        context.close()
