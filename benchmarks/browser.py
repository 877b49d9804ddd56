"""Headless Chromium, for the benchmarks and the browser tests."""

import os

from playwright.sync_api import Browser, Playwright

CHROMIUM = os.environ.get("XRAY_APP_CHROMIUM", "/usr/bin/chromium")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
)


def launch(playwright: Playwright) -> Browser:
    """Start it."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
