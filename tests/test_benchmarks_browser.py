"""A benchmark of the live page on a machine without a browser says so, and the rest goes on."""

import pytest
from playwright.sync_api import sync_playwright

from benchmarks import app, browser, footprint, speed


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "CHROMIUM", "/nowhere/chromium")


@pytest.mark.usefixtures("no_browser")
def test_speed_goes_on_without_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    class Engine(speed.OnnxEngine):
        def __init__(self) -> None:
            pass

        def close(self) -> None:
            pass

    monkeypatch.setattr(speed, "open_engine", lambda _: Engine())
    for part in ("cold", "every_scheme", "throughput"):
        monkeypatch.setattr(speed, part, lambda *_, part=part: part)
    for part in ("growth", "warm"):
        monkeypatch.setattr(speed, part, lambda *_, part=part: iter([part]))
    monkeypatch.setattr(app, "measure_clicks", lambda _: "clicks")
    monkeypatch.setattr(app, "measure_imports", lambda: "imports")
    _, *blocks = speed.parts(1, 1, quick=False)
    assert blocks == [
        "cold",
        "every_scheme",
        "growth",
        "throughput",
        "The live app's start: not measured: no Chromium starts at /nowhere/chromium; install it, "
        "or name another with XRAY_APP_CHROMIUM.",
        "clicks",
        "imports",
        "warm",
    ]


@pytest.mark.usefixtures("no_browser")
def test_the_footprint_of_the_service_is_measured_without_a_browser(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def app_without_browser():
        yield "app: started", 1.0
        with sync_playwright() as playwright:
            browser.launch(playwright)

    monkeypatch.setattr(footprint, "measure_app", app_without_browser)
    monkeypatch.setattr(footprint, "measure_service", lambda: iter([("service", 2.0)]))
    footprint.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "| app: started | 1 |"
    assert "no Chromium starts at /nowhere/chromium" in lines[3]
    assert lines[4] == "| service | 2 |"
