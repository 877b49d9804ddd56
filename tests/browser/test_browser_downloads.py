"""Reports and DICOM objects as a person takes them away: the real server and the real model."""

import io
import zipfile
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Page, expect
from pydicom import dcmread

from tests.browser.conftest import settle
from tests.browser.diagnose_page import UPLOADER, open_page
from tests.documents.made import secrets, source

pytestmark = pytest.mark.browser


def taken(page: Page, label: str) -> tuple[str, bytes]:
    """The file behind a button, with the name that the browser gives it."""
    with page.expect_download() as download:
        page.get_by_role("button", name=label).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_a_report_and_dicom_objects_of_a_sample(page: Page, server: str) -> None:
    open_page(page, f"{server}/?sample=normal_1")
    name, pdf = taken(page, "Report, PDF")
    assert name.endswith("-raw.pdf")
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_bounded()
    assert "not a medical device" in text
    assert "Normal 0." in text
    _, html = taken(page, "Report, HTML")
    report = page.context.new_page()
    report.set_content(html.decode())
    expect(report.get_by_role("heading", level=1)).to_be_visible()
    assert all(report.locator("img").nth(i).evaluate("i => i.naturalWidth") > 0 for i in range(2))
    report.set_viewport_size({"width": 390, "height": 844})
    assert report.evaluate("document.documentElement.scrollWidth") <= 390
    printed = report.pdf(prefer_css_page_size=True)
    assert len(pypdfium2.PdfDocument(printed)) == 1


def test_a_link_to_the_original_is_asked_for(page: Page, server: str, tmp_path: Path) -> None:
    file = tmp_path / "image.dcm"
    file.write_bytes(source())
    open_page(page, server)
    page.locator(UPLOADER).set_input_files(file)
    page.get_by_role("button", name="Show anyway").click()  # this made-up image is no radiograph
    settle(page)
    _, content = taken(page, "DICOM, zip")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        objects = [archive.read(name) for name in archive.namelist()]
    assert len(objects) == 3  # the presentation state needs the original to refer to
    assert [word for word in secrets() for o in objects if word in o] == []
    page.get_by_text("Link to the original study").click()
    expect(page.get_by_text("will name the patient")).to_be_visible()
    settle(page)
    name, content = taken(page, "DICOM, zip")
    assert name.endswith("-linked.zip")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert len(archive.namelist()) == 4
        with archive.open("structured-report.dcm") as report:
            dataset = dcmread(report)
    assert (dataset.PatientID, dataset.VerificationFlag) == ("PID-778899", "UNVERIFIED")
