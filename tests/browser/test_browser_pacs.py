"""From the PACS and back in a real browser, with a small PACS on this machine."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Request, expect

from benchmarks.load_server import running_server
from tests.browser.conftest import nothing_leaves, settle
from tests.browser.pages import found
from tests.documents.made import secrets, source
from tests.pacs.servers import Server, serving, small_pacs, stored_objects

pytestmark = pytest.mark.browser
EXPLORE = "() => JSON.stringify([localStorage, sessionStorage, document.cookie])"


@pytest.fixture
def pacs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(small_pacs(source())) as running:
        monkeypatch.setenv("XRAY_APP_PACS_URL", running.settings().url)
        yield running


def test_there_and_back(browser: Browser, pacs: Server) -> None:
    """Nothing of the patient is in an address or stays in the browser; axe finds nothing."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, bypass_csp=True)
    context.set_default_timeout(60_000)
    asked: list[str] = []

    def on_request(request: Request) -> None:
        asked.append(request.url)

    context.on("request", on_request)
    with running_server() as (address, _), nothing_leaves(context):
        page = context.new_page()
        page.goto(f"{address}/pacs")
        page.get_by_role("textbox", name="Patient's name").fill("Quin")
        page.get_by_role("button", name="Search").click()
        page.get_by_role("button", name="Radiographs").click()
        page.get_by_role("button", name="Open in Diagnose").wait_for()
        for width, theme in ((1440, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 1000})
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            settle(page)
            assert not found(page), (width, theme)
            main = page.get_by_test_id("stMain")
            assert main.evaluate("e => e.scrollWidth <= e.clientWidth")
        expect(page.get_by_text("Quintessa Zebulon")).to_be_visible()
        page.get_by_role("button", name="Open in Diagnose").click()
        page.get_by_role("button", name="Show anyway").click()  # it is a ramp, no chest
        page.get_by_role("button", name="Store in the PACS").wait_for()
        settle(page)
        page.get_by_role("button", name="Store in the PACS").click()
        page.get_by_role("button", name="Store", exact=True).click()
        page.get_by_text("4 objects, in the same study").wait_for()
        expect(page.get_by_text("Quintessa")).to_have_count(0)
        kept = "\n".join([page.url, page.evaluate(EXPLORE), *asked]).encode()
    assert [word for word in secrets() if word in kept] == []
    assert len(stored_objects(pacs.came[-1][2])) == 4
    context.close()
