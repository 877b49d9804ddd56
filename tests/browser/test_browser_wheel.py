"""The pages as they run from the installed wheel, away from the checkout."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks.load_server import running_server
from tests.browser.batch_page import begin, open_first_row, open_page
from tests.browser.conftest import settle
from tests.installed import build_wheel, install
from xray_app.samples.catalogue import list_samples, read_sample

pytestmark = pytest.mark.browser


def test_every_page_is_drawn_and_a_row_opens_in_diagnose(page: Page, tmp_path: Path) -> None:
    installed = install(build_wheel(tmp_path), tmp_path / "environment")
    name = list_samples()[0]
    with running_server((str(installed.command), "app", "--port"), tmp_path) as (address, _):
        open_page(page, f"{address}/batch")
        for link in ("Diagnose", "Compare schemes", "Inside the model", "Study", "Model card"):
            page.get_by_role("link", name=link).click()
            settle(page)
            expect(page.get_by_test_id("stException")).to_have_count(0)
            expect(page.get_by_role("heading", level=1)).to_have_count(1)
        page.get_by_role("link", name="Batch").click()
        begin(page, {"name": f"{name}.png", "mimeType": "image/png", "buffer": read_sample(name)})
        page.get_by_test_id("stMain").get_by_text(re.compile("1 image: ")).first.wait_for()
        settle(page)
        open_first_row(page)
        expect(page.get_by_text(f"Opened from the batch: {name}.png")).to_be_visible()
        expect(page.get_by_test_id("stException")).to_have_count(0)
