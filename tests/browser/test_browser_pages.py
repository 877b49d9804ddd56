"""Every page on the real server, in both themes, wide and narrow."""

import io
import os
import zipfile
from itertools import product
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import nothing_leaves, settle
from tests.conftest import ROOT

pytestmark = pytest.mark.browser

# Address and something that stands at the end of the page.
PAGES = {
    "compare": "Heatmaps, PNG",
    "models": "Each heatmap has a scale of its own",
    "inside": "Bring your own model",
    "check": "All of it, JSON",
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
    with nothing_leaves(context):
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


HOSTILE = "![x](http://evil.example/a.png)"


@pytest.mark.parametrize(
    ("page_name", "key"),
    [*product(["", *PAGES, "batch"], ["scheme"]), ("", "sample"), ("", "model"), ("", "explain")],
)
def test_a_link_makes_no_browser_ask_elsewhere(
    page: Page, server: str, page_name: str, key: str
) -> None:
    page.goto(f"{server}/{page_name}?{urlencode({key: HOSTILE})}")
    page.get_by_role("heading", level=1).or_(page.get_by_text("evil")).first.wait_for()
    settle(page)
    expect(page.locator("main img[src*=evil], main a[href*=evil]")).to_have_count(0)


def test_a_files_name_makes_no_browser_ask_elsewhere(
    page: Page, server: str, tmp_path: Path
) -> None:
    name = HOSTILE.replace("/", ":")
    member, text = io.BytesIO(), f"{name}.txt"
    with zipfile.ZipFile(member, "w") as archive:
        archive.writestr(f"{name}.png", b"none")
        archive.writestr(text, b"none")
    for file, page_name in ((f"{name}.png", ""), (f"{name}.zip", "batch"), (text, "")):
        content = member.getvalue() if file.endswith("zip") else b"none"
        page.goto(f"{server}/{page_name}")
        settle(page)
        uploader = page.locator('[data-testid="stFileUploader"] input[type=file]').last
        (tmp_path / file).write_bytes(content)
        uploader.set_input_files(tmp_path / file)
        if page_name == "batch":
            page.get_by_role("button", name="Start").click()
            page.get_by_text("2 with an error").first.wait_for()
        else:
            page.get_by_text("evil.example").first.wait_for()
        settle(page)
        expect(page.locator("main img[src*=evil], main a[href*=evil]")).to_have_count(0)


def test_the_browser_would_refuse_what_an_escape_let_through(browser: Browser, server: str) -> None:
    """The second line: the policy that each answer carries."""
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.goto(server)
    said = page.evaluate(
        """() => new Promise(done => {
            document.addEventListener("securitypolicyviolation", e => done(e.blockedURI));
            document.body.append(Object.assign(new Image(), {src: "http://evil.example/a.png"}));
        })"""
    )
    assert said.startswith("http://evil.example")
    assert not any("evil" in url for url in asked)
    context.close()
