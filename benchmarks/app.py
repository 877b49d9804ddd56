"""The live app: from the server's start to the first result, and how long a click then takes.

    python -m benchmarks.app [--starts N] [--clicks N]

1. Cold start: a server of its own and headless Chromium, which opens the page as soon as the server
   answers: first contentful paint, the app's own title, the first result of a sample.
2. Reruns, on the server's side: from the sending of a click over the websocket to the end of the
   script run, its last element received.
3. What the start imports (``python -X importtime``).
"""

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from statistics import median

import numpy as np
from playwright.sync_api import Browser, sync_playwright
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.browser import launch, measured
from benchmarks.images import enlarged
from benchmarks.load_server import ROOT, running_server
from benchmarks.tables import table
from benchmarks.visitor import Visitor
from xray_app.samples import list_samples, read_sample

_SCHEME, _TARGET, _OPACITY = "Normalization scheme", "Class to explain", "Overlay opacity"
_RESULT = ".st-key-verdict .stAlert"


def cold_start(browser: Browser) -> dict[str, float]:
    """Seconds from the start of a server until each thing has happened."""
    start = time.perf_counter()
    with running_server() as (address, _):
        times = {"the server answers": time.perf_counter() - start}
        page = browser.new_page()
        opened = time.perf_counter() - start
        page.goto(address, wait_until="commit")
        page.locator("h1").first.wait_for(timeout=60_000)
        title = time.perf_counter() - start
        page.locator(_RESULT).first.wait_for(timeout=60_000)
        result = time.perf_counter() - start
        paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        times["first contentful paint"] = opened + float(page.evaluate(paint)) / 1000
        page.close()
        return times | {"the app's title": title, "the first result": result}


def measure_starts(count: int) -> str:
    """Part 1."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        browser.new_page().close()
        runs = [cold_start(browser) for _ in range(count)]
        browser.close()
    return table(
        (f"from the server's start, median of {count}", "s"),
        [(name, f"{median(run[name] for run in runs):.2f}") for name in runs[0]],
    )


class Clicker(Visitor):
    """A visitor who moves sliders, too."""

    def slide(self, label: str, value: float) -> None:
        """Set a slider for the next rerun."""
        slider = next(s for s in self.found("slider") if s.label == label)
        state = WidgetState(id=slider.id)
        state.double_array_value.data.append(value)
        self._states[slider.id] = state


async def clicks(address: str, count: int) -> dict[str, dict[str, list[float]]]:
    """Seconds of each rerun, by image and by kind of click."""
    found = {}
    sample = read_sample(list_samples()[0])
    for name, data in (
        ("sample, 224 pixels", None),
        ("upload, 1.9 MB PNG", enlarged(sample, 2050)),
    ):
        visitor = Clicker(address)
        await visitor.open()
        if data is not None:
            await visitor.upload("radiograph.png", data)
            await visitor.rerun()
        found[name] = await _click_through(visitor, count)
        await visitor.close()
    return found


async def _click_through(visitor: Clicker, count: int) -> dict[str, list[float]]:
    schemes = [o for o in visitor.options(_SCHEME) if "steps" not in o]
    targets = visitor.options(_TARGET)

    async def click(act: Callable[[int], None], numbers: Iterator[int]) -> list[float]:
        times = []
        for i in numbers:
            act(i)
            times.append(await visitor.rerun())
            if not any("Probabilities" in c.alt for c in visitor.found("plotly_chart")):
                raise SystemExit(f"The page shows no result: {visitor.text()[:300]}")
        return times

    def new_scheme(i: int) -> None:
        visitor.choose(_SCHEME, schemes[(i + 1) % len(schemes)])
        visitor.choose(_TARGET, targets[(i + 1) // len(schemes) % len(targets)])

    def known_scheme(i: int) -> None:
        visitor.choose(_SCHEME, schemes[i % 2])

    def opacity(i: int) -> None:
        visitor.slide(_OPACITY, 0.3 + 0.05 * (i % 9))

    new = await click(new_scheme, iter(range(count)))
    await click(known_scheme, iter(range(2)))
    return {
        "a scheme not seen before": new,
        "back to a scheme seen before": await click(known_scheme, iter(range(count))),
        "opacity": await click(opacity, iter(range(count))),
    }


def measure_clicks(count: int) -> str:
    """Part 2."""
    with running_server() as (address, _):
        found = asyncio.run(clicks(address, count))
    return table(
        (f"a click, server side, {count} of each", "p50 ms", "p95 ms"),
        [
            (f"{image}: {kind}", *(f"{1000 * np.percentile(times, p):.0f}" for p in (50, 95)))
            for image, kinds in found.items()
            for kind, times in kinds.items()
        ],
    )


def measure_imports() -> str:
    """Part 3."""
    rows = []
    for what, code in (
        ("the server, until it answers", "import streamlit.web.bootstrap, streamlit.web.server"),
        (
            "the page",
            "import streamlit, xray_app.ui.widgets.sidebar, xray_app.ui.widgets.downloads",
        ),
        ("the tables on it", "import pandas, pyarrow"),
        ("the engine", "import onnxruntime"),
        ("command predict", "import xray_app.commands.registry, xray_app.diagnosis.diagnosis"),
    ):
        trace = subprocess.run(
            [sys.executable, "-X", "importtime", "-c", code],
            cwd=ROOT, capture_output=True, text=True, check=True,
        ).stderr  # fmt: skip
        own: dict[str, int] = {}
        for line in trace.splitlines():
            if not line.startswith("import time:"):
                continue
            self_us, _, name = line.removeprefix("import time:").split("|")
            if self_us.strip().isdigit():
                package = name.strip().split(".")[0]
                own[package] = own.get(package, 0) + int(self_us)
        top = sorted(own.items(), key=lambda item: -item[1])[:4]
        heaviest = ", ".join(f"{name} {us / 1000:.0f}" for name, us in top)
        rows.append((what, f"{sum(own.values()) / 1000:.0f}", heaviest))
    return table(("imports for", "ms", "of which"), rows)


def main() -> None:
    """Run all parts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--clicks", type=int, default=25)
    options = parser.parse_args()
    print(measured("Starts", lambda: measure_starts(options.starts)), "\n", flush=True)
    print(measure_clicks(options.clicks), "\n", flush=True)
    print(measure_imports())


if __name__ == "__main__":
    main()
