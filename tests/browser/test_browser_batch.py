"""The page Batch as a person uses it: the real server, the real model, real radiographs."""

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.batch_page import UPLOADER, begin, open_first_row, open_page
from tests.browser.conftest import settle
from xray_app.samples.catalogue import list_samples, read_sample

pytestmark = pytest.mark.browser

CLASSES = {"normal": "NORMAL", "bacterial": "BACTERIA", "viral": "VIRUS"}


def download(page: Page, button: str) -> bytes:
    with page.expect_download() as found:
        page.get_by_role("button", name=button).click()
    return Path(found.value.path()).read_bytes()


def test_eighteen_radiographs_from_upload_to_table(
    page: Page, server: str, data_directory: Path
) -> None:
    files = sorted((data_directory / "full_size").iterdir())
    assert len(files) == 18
    open_page(page, f"{server}/batch")
    begin(page, files)
    main = page.get_by_test_id("stMain")
    done = main.get_by_text("18 images: ").first
    # A click on another page in the same instant would take the place of the click on Start.
    begun = page.get_by_role("button", name="Cancel").or_(done)
    expect(begun).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Study").click()
    page.get_by_text("Settings, and how to repeat it").wait_for()
    page.get_by_role("link", name="Batch").click()
    expect(done).to_be_visible(timeout=120_000)
    settle(page)

    rows = list(csv.DictReader(io.StringIO(download(page, "Table, CSV").decode())))
    assert len(rows) == 18
    assert [row["name"] for row in rows] == [f"image-{n:04d}" for n in range(1, 19)]
    assert not any(row["error"] for row in rows)
    assert len({row["id"] for row in rows}) == 18
    assert {row["contract_verdict"] for row in rows} == {"matches"}
    assert download(page, "Table, Parquet").startswith(b"PAR1")

    labels = "name,label\n" + "".join(
        f"{file.name},{CLASSES[file.name.partition('_')[0]]}\n" for file in files
    )
    page.locator(UPLOADER).set_input_files(
        {"name": "labels.csv", "mimeType": "text/csv", "buffer": labels.encode()}
    )
    expect(main.get_by_text("18 images with a label and a prediction")).to_be_visible()
    expect(page.get_by_label(re.compile("ROC curve with an area of"))).to_be_visible()


def test_a_batch_of_samples_with_overlays_and_a_row_in_diagnose(page: Page, server: str) -> None:
    """What is open stays open, and what the visitor uploaded before stays beside it."""
    names = list_samples()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names[:5]:
            archive.writestr(f"{name}.png", read_sample(name))
        archive.writestr("text.txt", "no picture at all")
    open_page(page, f"{server}/batch?scheme=rescale")
    sidebar = page.get_by_test_id("stSidebar")
    sidebar.locator("input[type=file]").set_input_files(
        {"name": "mine.png", "mimeType": "image/png", "buffer": read_sample(names[-1])}
    )
    expect(page.get_by_role("combobox", name="AI-generated sample")).to_have_count(0)
    page.get_by_text("Also make overlays").click()
    settle(page)
    begin(page, {"name": "s.zip", "mimeType": "application/zip", "buffer": out.getvalue()})
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text(re.compile(r"6 images: .* 1 with an error\."))).to_be_visible(
        timeout=120_000
    )
    page.get_by_role("button", name="Table, CSV").wait_for()
    for width, theme in ((390, "dark"), (1440, "light")):
        page.set_viewport_size({"width": width, "height": 1000})
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        settle(page)
        assert main.evaluate("e => e.scrollWidth <= e.clientWidth"), width
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    with zipfile.ZipFile(io.BytesIO(download(page, "Overlays, zip"))) as archive:
        assert len(archive.namelist()) == 5

    open_first_row(page)
    opened = page.get_by_text(f"Opened from the batch: {names[0]}.png")
    expect(opened).to_be_visible()
    expect(page.get_by_text(re.compile(rf"{names[0]}\.png, 224 × 224 pixels"))).to_be_visible()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("t")
    expect(page.get_by_text("Fits training")).to_be_visible()
    expect(opened).to_be_visible()
    page.get_by_role("button", name="Let it go").click()
    expect(page.get_by_text("mine.png, 224 × 224 pixels")).to_be_visible()
