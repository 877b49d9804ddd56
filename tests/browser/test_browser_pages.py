"""Nothing that a link or a file says makes the browser ask another host."""

import io
import zipfile
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import settle
from tests.browser.pages import go_to

pytestmark = pytest.mark.browser

HOSTILE = "![x](http://evil.example/a.png)"


ELSEWHERE = "main img[src*=evil], main a[href*=evil]"


@pytest.mark.parametrize(
    "page_name", ["", "compare", "models", "inside", "check", "study", "batch", "card"]
)
def test_a_link_makes_no_browser_ask_elsewhere(page: Page, server: str, page_name: str) -> None:
    asked = dict.fromkeys(("scheme", "sample", "model", "explain"), HOSTILE)
    page.goto(f"{server}/{page_name}?{urlencode(asked)}")
    page.get_by_role("heading", level=1).wait_for()
    settle(page)
    expect(page.get_by_text("evil")).to_have_count(3)  # no address chooses an explanation
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.locator(ELSEWHERE)).to_have_count(0)


def test_a_files_name_makes_no_browser_ask_elsewhere(
    page: Page, server: str, tmp_path: Path
) -> None:
    name = HOSTILE.replace("/", ":")
    member, text = io.BytesIO(), f"{name}.txt"
    with zipfile.ZipFile(member, "w") as archive:
        archive.writestr(f"{name}.png", b"none")
        archive.writestr(text, b"none")
    files = {f"{name}.png": b"none", text: b"none", f"{name}.zip": member.getvalue()}
    for file, content in files.items():
        (tmp_path / file).write_bytes(content)
    page.goto(server)
    uploader = page.locator('[data-testid="stFileUploader"] input[type=file]')
    for file in list(files)[:2]:
        uploader.set_input_files(tmp_path / file)
        page.get_by_test_id("stAlert").filter(has_text="evil.example").wait_for()
        settle(page)
        expect(page.locator(ELSEWHERE)).to_have_count(0)
        page.get_by_role("button", name="Remove").click()
        page.get_by_role("combobox", name="AI-generated sample").wait_for()
    go_to(page, "Batch")
    page.get_by_role("button", name="Start").wait_for()
    uploader.last.set_input_files(tmp_path / f"{name}.zip")
    page.get_by_role("button", name="Start").click()
    page.get_by_text("2 with an error").first.wait_for()
    settle(page)
    expect(page.locator(ELSEWHERE)).to_have_count(0)


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
