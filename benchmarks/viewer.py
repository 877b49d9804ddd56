"""The viewer on a radiograph of 3,000 x 2,500 pixels of 12 bits: frame times while dragging.

    python -m benchmarks.viewer [--drags N]

Headless Chromium without a graphics card drags the window, moves and zooms, with the heatmap linked
to the radiograph; the time between two frames is taken from ``requestAnimationFrame``, and that of
drawing both pictures from a clock round it. The pixels are fetched before.
"""

import argparse
import io
import math

import numpy as np
from PIL import Image
from playwright.sync_api import FloatRect, Locator, Page, sync_playwright

from benchmarks.browser import launch, measured
from benchmarks.load_server import running_server
from benchmarks.tables import table
from xray_app.samples import list_samples, read_sample

_ROWS, _COLUMNS = 3000, 2500
_UPLOADER = '[data-testid="stFileUploader"] input[type=file]'
_COLLECT = """() => {
    const seen = window.seen = {frames: [], work: new Map()};
    const ask = window.requestAnimationFrame.bind(window);
    let last = 0;
    const tick = (now) => {
        if (last) seen.frames.push(now - last);
        last = now;
        if (window.seen === seen) ask(tick);
    };
    ask(tick);
    if (window.wrapped) return;
    window.wrapped = true;
    window.requestAnimationFrame = (act) => ask((now) => {
        const start = performance.now();
        window.drew = false;
        act(now);
        const spent = performance.now() - start;
        const work = window.seen?.work;
        if (work && window.drew) work.set(now, (work.get(now) ?? 0) + spent);
    });
    const pen = CanvasRenderingContext2D.prototype;
    const drawImage = pen.drawImage;
    pen.drawImage = function (...all) {
        window.drew = true;
        return drawImage.apply(this, all);
    };
}"""
_COLLECTED = """() => {
    const {frames, work} = window.seen;
    window.seen = null;
    return {frames, work: [...work.values()]};
}"""
_FETCHED = """() => performance.getEntriesByType("resource")
    .filter((e) => e.name.endsWith(".bin"))
    .map((e) => e.encodedBodySize / 1e6).filter((megabytes) => megabytes > 1)"""


def radiograph() -> bytes:
    """A sample at full size in 12 of 16 bits, with grain, as PNG."""
    gray = Image.open(io.BytesIO(read_sample(list_samples()[0]))).convert("L")
    large = np.asarray(gray.resize((_COLUMNS, _ROWS), Image.Resampling.BICUBIC), np.float32)
    grain = np.random.default_rng(0).normal(0, 12, large.shape)
    deep = np.clip(257 * large + 16 * grain, 0, 65535).astype(np.uint16) & 0xFFF0
    buffer = io.BytesIO()
    Image.fromarray(deep).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def opened(page: Page, address: str) -> Locator:
    """The viewer of the radiograph, with all its pixels."""
    page.goto(address)
    page.locator(".st-key-verdict").wait_for(timeout=60_000)
    page.locator(_UPLOADER).set_input_files(
        {"name": "large.png", "mimeType": "image/png", "buffer": radiograph()}
    )
    page.get_by_text("large.png, 2500 × 3000 pixels").wait_for(timeout=120_000)
    page.get_by_alt_text("Heatmap over").wait_for(timeout=120_000)
    for name in ("Heatmap", "Radiograph"):
        stage = page.get_by_role("application", name=f"{name}, to be")
        stage.scroll_into_view_if_needed()
        stage.hover()
        page.wait_for_selector("[data-pixels=here]", timeout=60_000)
    stage.evaluate("e => e.scrollIntoView({block: 'center'})")
    return stage


def fetched(page: Page) -> str:
    """How many megabytes the browser got, and how often."""
    sizes = page.evaluate(_FETCHED)
    return f"The pixels were fetched {len(sizes)} x {max(sizes):.1f} MB."


def dragged(page: Page, box: FloatRect, drags: int) -> dict[str, list[float]]:
    """Frame times and drawing times in ms while the mouse goes round in circles."""
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.evaluate(_COLLECT)
    for i in range(drags):
        angle = i / 15.0
        page.mouse.move(middle[0] + 90 * math.sin(angle), middle[1] + 60 * (1 - math.cos(angle)))
    found: dict[str, list[float]] = page.evaluate(_COLLECTED)
    page.mouse.up()
    return found


def measure(drags: int) -> str:
    """The table."""
    rows = []
    with running_server() as (address, _), sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        stage = opened(page, address)
        box = stage.bounding_box()
        if box is None:
            raise SystemExit("The viewer is not on the page.")
        for what, tool, zoom in (
            ("window, whole picture", "Window", "0"),
            ("move, 1:1", "Move", "1"),
            ("window, 1:1", "Window", "1"),
        ):
            page.get_by_role("button", name=tool, exact=True).click()
            stage.evaluate("e => e.scrollIntoView({block: 'center'})")
            stage.press(zoom)
            box = stage.bounding_box() or box
            dragged(page, box, 20)  # the levels of the pyramid are made
            found = dragged(page, box, drags)
            counts = str(len(found["frames"])), str(len(found["work"]))
            rows.append((what, *counts, *_figures(found)))
        said = fetched(page)
        browser.close()
    heads = (
        "dragging", "frames", "of them drawn", "frame, median ms", "p95 ms",
        "drawing, median ms", "p95 ms",
    )  # fmt: skip
    return f"{table(heads, rows)}\n\n{said}"


def _figures(found: dict[str, list[float]]) -> list[str]:
    return [f"{np.percentile(found[name], p):.1f}" for name in ("frames", "work") for p in (50, 95)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--drags", type=int, default=300)
    options = parser.parse_args()
    print(measured("The viewer", lambda: measure(options.drags)))


if __name__ == "__main__":
    main()
