"""The real server on a free port, and a page of a headless Chromium."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from benchmarks.browser import CHROMIUM, launch
from benchmarks.load_server import running_server

expect.set_options(timeout=15_000)  # a busy machine takes longer than the usual 5 s
LOOPBACK, LEAVING = "127.0.0.1", ("http", "https", "ws", "wss")


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of a server that was started as the README says."""
    with running_server() as (address, _):
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no Chromium at {CHROMIUM}; set XRAY_APP_CHROMIUM")
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(60_000)
    with nothing_leaves(context):
        yield context.new_page()
    context.close()


@contextmanager
def nothing_leaves(context: BrowserContext) -> Iterator[None]:
    """Fail if a page asks another host for anything, or the browser has to refuse it."""
    wrong: list[str] = []

    def on_request(request: Request) -> None:
        if urlsplit(request.url).scheme in LEAVING and urlsplit(request.url).hostname != LOOPBACK:
            wrong.append(request.url)

    def on_message(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            wrong.append(message.text)

    context.on("request", on_request)
    context.on("console", on_message)
    yield
    assert not wrong, wrong


def settle(page: Page) -> None:
    """Wait until the script run that a click began has ended."""
    page.wait_for_timeout(250)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
