"""Check a pipeline on the real server: files in, verdict and code out."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import settle
from tests.pipeline.synthetic import synthetic

pytestmark = pytest.mark.browser


def payload(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def test_a_tensor_in_bgr_is_found_and_mended(page: Page, server: str) -> None:
    image = synthetic(90, 70, colour=True)
    Image.fromarray(image).save(png := io.BytesIO(), "PNG")
    np.savez(arrays := io.BytesIO(), serve=image[..., ::-1] / 255.0)
    page.goto(f"{server}/check?sample=normal_1&scheme=rescale")
    page.get_by_text("All of it, JSON").wait_for()
    settle(page)
    page.get_by_role("combobox", name="It should match").click()
    page.get_by_role("option", name="another tensor").click()
    settle(page)
    uploaders = page.locator('main [data-testid="stFileUploader"] input[type=file]')
    uploaders.nth(0).set_input_files(payload("image.png", png.getvalue()))
    settle(page)
    uploaders.nth(1).set_input_files(payload("serve.npz", arrays.getvalue()))
    settle(page)
    np.save(train := io.BytesIO(), image / 255.0)
    uploaders.nth(2).set_input_files(payload("train.npy", train.getvalue()))
    expect(page.get_by_test_id("stAlert")).to_contain_text("Differs from the expected tensor in")
    expect(page.get_by_test_id("stAlert")).to_contain_text("feeds BGR where")
    expect(page.get_by_test_id("stCode").first).to_contain_text("take([2, 1, 0], axis=2)")
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="All of it, JSON").click()
    values = json.loads(Path(download.value.path()).read_text())
    assert values["difference"]["aspects"] == ["channels"]
