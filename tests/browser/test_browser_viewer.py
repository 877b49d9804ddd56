"""The viewer on the page Diagnose: what it shows of each pixel, and what it does not change."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import settle
from tests.browser.diagnose_page import UPLOADER, pane
from tests.readers.reader_files import dicom

pytestmark = pytest.mark.browser

BLOCK = 20  # pixels a side, all of one value, so that smoothing between pixels does not reach in
SLOPE, INTERCEPT, PADDING = 2, -1000, 4095


def blocks() -> np.ndarray:
    """(200, 240) of 12 bits; the last block is padding."""
    values = np.random.default_rng(7).integers(0, 2**12 - 1, (10, 12)).astype(np.uint16)
    values[-1, -1] = PADDING
    return values.repeat(BLOCK, 0).repeat(BLOCK, 1)


def shown_value(stored: np.uint16) -> int:
    return int(stored) * SLOPE + INTERCEPT


def place(stage: Locator, row: float, column: float, shape: tuple[int, int]) -> tuple[float, float]:
    """Where the middle of a pixel lies on the page while the whole picture is seen."""
    box = stage.bounding_box()
    assert box is not None
    return (
        box["x"] + (column + 0.5) / shape[1] * box["width"],
        box["y"] + (row + 0.5) / shape[0] * box["height"],
    )


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def gray(stage: Locator, row: float, column: float, shape: tuple[int, int]) -> int:
    """What is drawn in the middle of a pixel."""
    found: int = stage.locator("canvas").evaluate(
        """(canvas, [x, y]) => canvas.getContext("2d").getImageData(
            Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data[0]""",
        [(column + 0.5) / shape[1], (row + 0.5) / shape[0]],
    )
    return found


def test_every_value_is_the_files_and_the_window_is_for_display_only(
    page: Page, server: str, tmp_path: Path
) -> None:
    stored = blocks()
    path = tmp_path / "blocks.dcm"
    path.write_bytes(
        dicom(
            stored, bits=12, RescaleSlope=SLOPE, RescaleIntercept=INTERCEPT,
            PhotometricInterpretation="MONOCHROME1", PixelPaddingValue=PADDING,
            WindowCenter=[3000, 1000], WindowWidth=[6000, 1000],
            WindowCenterWidthExplanation=["NORMAL", "LUNG"], ImagerPixelSpacing=[0.5, 0.25],
        )
    )  # fmt: skip
    page.goto(server)
    page.locator(".st-key-verdict").wait_for()
    page.locator(UPLOADER).set_input_files(path)
    page.get_by_text("blocks.dcm, 240 × 400 pixels, 12 bit").wait_for()
    settle(page)
    stage = pane(page, "Radiograph")
    readout = page.locator(".readout").first
    for row, column in ((0, 0), (37, 151), (199, 200), (113, 42)):
        page.mouse.move(*place(stage, row, column, stored.shape))
        value = shown_value(stored[row, column])
        expect(readout).to_have_text(f"Column {column + 1}, row {row + 1}: {value}")
    page.mouse.move(*place(stage, 190, 230, stored.shape))
    expect(readout).to_contain_text("padding")

    def expected(row: int, column: int, low: float, high: float) -> float:
        """LINEAR_EXACT of PS3.3 C.11.2.1.3.2, the lowest value white."""
        scaled = (shown_value(stored[row, column]) - low) / (high - low)
        return 255.0 * (1.0 - min(max(scaled, 0.0), 1.0))

    middles = [(10 + 20 * i, 10 + 20 * j) for i, j in ((0, 0), (3, 7), (8, 2), (5, 11))]
    for row, column in middles:  # LINEAR: from -0.5 to 5998.5, C.11.2.1.2.1
        found = gray(stage, row, column, stored.shape)
        assert found == pytest.approx(expected(row, column, 0.0, 5999.0), abs=1.0)
    assert gray(stage, 190, 230, stored.shape) == 0

    trail = page.get_by_test_id("stTable").last
    expect(trail).to_contain_text("LINEAR, center 3000, width 6000")
    note = page.get_by_text("As the model gets it.")
    expect(note).to_be_visible()
    page.get_by_label("Display window").select_option("Window 2, lung: center 1000, width 1000")
    page.get_by_role("spinbutton", name="Centre").fill("1200")
    page.get_by_role("spinbutton", name="Centre").press("Enter")
    page.get_by_role("spinbutton", name="Width").fill("800")
    page.get_by_role("spinbutton", name="Width").press("Enter")
    expect(page.get_by_text("Display only. The model gets: Window 1, normal")).to_be_visible()
    for row, column in middles:
        found = gray(stage, row, column, stored.shape)
        assert found == pytest.approx(expected(row, column, 800.0, 1600.0), abs=1.0)
    expect(trail).to_contain_text("LINEAR, center 3000, width 6000")

    drag(page, place(stage, 100, 60, stored.shape), place(stage, 100, 120, stored.shape))
    assert float(page.get_by_role("spinbutton", name="Width").input_value()) > 900
    page.get_by_role("spinbutton", name="Width").fill("800")
    page.get_by_role("spinbutton", name="Width").press("Enter")
    page.get_by_role("button", name="Use this window for the model").click()
    said = "chosen: LINEAR_EXACT, center 1200, width 800"
    expect(trail).to_contain_text(said, timeout=30_000)
    expect(note).to_be_visible()

    page.get_by_role("button", name="Measure", exact=True).click()
    stage.evaluate("e => e.scrollIntoView({block: 'center'})")
    drag(page, place(stage, 100, 40, stored.shape), place(stage, 100, 140, stored.shape))
    ruler: Any = page.get_by_text("Ruler: mm at the detector (Imager Pixel Spacing)")
    expect(ruler).to_be_visible()
    stage.press("ArrowUp")
    expect(page.locator(".spoken").first).to_have_text(re.compile(r"Length 2[45]\.\d mm"))


def test_radiograph_and_heatmap_move_together_by_keys_and_a_second_one_stands_beside(
    page: Page, server: str
) -> None:
    page.goto(f"{server}/?sample=normal_2")
    page.locator(".st-key-verdict").wait_for()
    settle(page)
    heat = pane(page, "Heatmap")
    stage = pane(page, "Radiograph")

    def zooms() -> list[float]:
        said = "e => Number(e.dataset.zoom)"
        return [stage.evaluate(said), heat.evaluate(said)]

    stage.focus()
    expect(stage).to_have_css("outline-style", "solid")
    for key in ("+", "+"):
        stage.press(key)
    page.wait_for_timeout(100)
    assert zooms() == [pytest.approx(1.5625)] * 2
    page.get_by_role("button", name="Linked").click()
    stage.press("0")
    page.wait_for_timeout(100)
    assert zooms() == [1.0, pytest.approx(1.5625)]
    page.get_by_role("button", name="Linked").click()
    before = page.get_by_role("spinbutton", name="Width").input_value()
    stage.press("ArrowRight")
    stage.press("i")
    assert float(page.get_by_role("spinbutton", name="Width").input_value()) > float(before)
    expect(page.locator(".spoken").first).to_contain_text("inverted")
    stage.press("r")
    expect(page.get_by_role("spinbutton", name="Width")).to_have_value(before)

    page.get_by_role("button", name="Outline the hottest region").click()
    said = re.compile(r"hold \d+ % of the positive evidence, on \d+ % of what the model saw")
    expect(page.get_by_text(said)).to_be_visible()

    beside = page.get_by_role("combobox", name="Beside the radiograph")
    beside.scroll_into_view_if_needed()
    page.wait_for_timeout(300)  # a list that is open closes when the page scrolls
    beside.click()
    page.get_by_role("option", name="Its heatmap").wait_for()
    beside.press("ArrowDown")
    beside.press("Enter")
    settle(page)
    second = pane(page, "Second radiograph")
    expect(
        page.get_by_text("Bacterial pneumonia 1 (AI-generated), 224 × 224 pixels")
    ).to_be_visible()
    second.press("+")
    page.wait_for_timeout(100)
    assert stage.evaluate("e => Number(e.dataset.zoom)") == pytest.approx(1.25)
