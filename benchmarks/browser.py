"""Headless Chromium, for the benchmarks and the browser tests."""

import os
from collections.abc import Callable

from playwright.sync_api import Browser, Error, Playwright

CHROMIUM = os.environ.get("XRAY_APP_CHROMIUM", "/usr/bin/chromium")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
)


class NoBrowser(Exception):
    """There is none to measure with; the message says what to do."""


def launch(playwright: Playwright) -> Browser:
    """Start it.

    Raises:
        NoBrowser: it is not there, or does not start.
    """
    try:
        return playwright.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
    except Error as error:
        raise NoBrowser(
            f"not measured: no Chromium starts at {CHROMIUM}; install it, or name another with "
            "XRAY_APP_CHROMIUM."
        ) from error


def measured(what: str, measure: Callable[[], str]) -> str:
    """What ``measure`` gives, or one sentence that says why there was no browser to do it with."""
    try:
        return measure()
    except NoBrowser as error:
        return f"{what}: {error}"
