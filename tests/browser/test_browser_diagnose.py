"""The page Diagnose as a person uses it: the real server, the real model, a real radiograph."""

import io
import json
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import settle
from tests.browser.diagnose_page import UPLOADER, VERDICT, open_page

pytestmark = pytest.mark.browser


def pick(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option).click()
    settle(page)


def test_upload_change_scheme_read_verdict(
    page: Page, server: str, data_directory: Path, tmp_path: Path
) -> None:
    file = sorted((data_directory / "full_size").glob("normal_*"))[0]
    open_page(page, server)
    page.locator(UPLOADER).set_input_files(file)
    expect(
        page.get_by_text(re.compile(rf"{re.escape(file.name)}, \d+ × \d+ pixels"))
    ).to_be_visible()
    settle(page)
    verdict = page.locator(VERDICT)
    expect(verdict).to_contain_text("Fits training")
    expect(verdict).to_contain_text(re.compile(r"Normal 0\.\d\d"))
    expect(
        page.get_by_alt_text(re.compile("Heatmap over the radiograph. Evidence for Normal"))
    ).to_be_visible()

    pick(page, "Normalization scheme", "Divide by 255 (rescale)")
    expect(verdict).to_contain_text("Contrast divided by 255.")
    expect(verdict).to_contain_text("the prediction below can't be relied on")
    expect(verdict).to_contain_text("Fed as trained")
    assert "scheme=rescale" in page.url

    with page.expect_download() as download:
        page.get_by_role("button", name="Result, JSON").click()
    result = json.loads(Path(download.value.path()).read_text())
    assert result["contract"]["verdict"] == "mismatch"
    assert file.name not in json.dumps(result)
    with page.expect_download() as download:
        page.get_by_role("button", name="Overlay, PNG").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_a_wrong_file_is_one_sentence(page: Page, server: str) -> None:
    Image.linear_gradient("L").save(whole := io.BytesIO(), "JPEG")
    open_page(page, server)
    for name, content in (
        ("text.png", b"This is no picture at all.\n" * 9),
        ("empty.png", b""),
        ("cut.jpg", whole.getvalue()[:900]),
    ):
        upload: FilePayload = {"name": name, "mimeType": "image/png", "buffer": content}
        page.locator(UPLOADER).set_input_files(upload)
        alert = page.get_by_test_id("stAlert").filter(has_text="xpected")
        expect(alert).to_be_visible()
        expect(page.get_by_text("Traceback")).to_have_count(0)
        page.get_by_role("button", name=f"Remove {name}").click()
        expect(alert).to_have_count(0)


def test_a_link_opens_the_same_view_which_tells_one_class_from_another(
    page: Page, server: str
) -> None:
    open_page(page, f"{server}/?scheme=clahe%2Bbyte&sample=viral_pneumonia_1")
    expect(page.locator(VERDICT)).to_contain_text("Same range, contrast changed")
    expect(page.get_by_text("Viral pneumonia 1 (AI-generated), 224 × 224 pixels")).to_be_visible()
    pick(page, "Class to explain", "Bacterial pneumonia rather than viral")
    expect(
        page.get_by_alt_text("Evidence for Bacterial pneumonia rather than viral pneumonia")
    ).to_be_visible()
