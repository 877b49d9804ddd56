"""The page Batch under AppTest, with the fake engine: a batch from start to end."""

import io
import itertools
import zipfile

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes import FakeEngine, fake_card
from tests.ui.batch_page import (
    BRIGHT,
    DARK,
    FILES,
    PAGE,
    Hold,
    choose_scheme,
    finish,
    job_of,
    keys,
    start,
)
from tests.ui.pages import texts
from xray_app.batch.scoring import BATCH
from xray_app.core.errors import EngineError
from xray_app.engines.protocol import Forward
from xray_app.ui.batch import records as batch_records
from xray_app.ui.batch.jobs import BATCHES


def test_the_empty_page_says_what_to_do(page: AppTest) -> None:
    assert not page.exception
    assert "Put in radiographs, or a zip of them" in texts(page)
    assert "not a medical device" in texts(page)
    assert page.button(key="batch_start").disabled
    assert not page.dataframe


def test_a_batch_becomes_a_table_with_a_row_for_what_can_not_be_read(page: AppTest) -> None:
    finish(page, FILES)
    assert "3 images: no gate checks" in texts(page)
    assert "1 with an error." in texts(page)
    table = page.dataframe[0].value
    assert list(table["File"]) == list(FILES)
    assert list(table["Predicted"]) == ["Normal", "Bacterial pneumonia", "No result"]
    assert table["probability_normal"][0] > 0.5 > table["probability_normal"][1]
    assert table["Image"][0].startswith("data:image/jpeg;base64,")
    assert list(table["Image"].isna()) == [False, False, True]
    assert "xpected" in table["Error"][2]
    assert "\n" not in table["Error"][2]
    names = {button.label for button in page.get("download_button")}
    assert names == {"Table, CSV", "Table, Parquet"}


def test_a_zip_counts_as_the_files_in_it(page: AppTest) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("one/a.png", DARK)
        archive.writestr("two/a.png", BRIGHT)
    finish(page, {"a.png": BRIGHT, "many.zip": out.getvalue()})
    assert list(page.dataframe[0].value["File"]) == ["a.png", "a.png (2)", "a.png (3)"]


def test_a_damaged_zip_is_one_row(page: AppTest) -> None:
    finish(page, {"a.png": DARK, "b.zip": b"PK\x03\x04" + bytes(100)})
    table = page.dataframe[0].value
    assert list(table["File"]) == ["a.png", "b.zip"]
    assert "ZIP archive" in table["Error"][1]


def test_a_running_batch_stays_while_the_visitor_is_elsewhere(
    page: AppTest, engine: FakeEngine
) -> None:
    hold = Hold(engine)
    job = start(page, FILES)
    assert hold.reached.wait(60)
    page.run()
    assert keys(page) == {"batch_cancel"}
    assert "It goes on if you change the page" in texts(page)
    page.switch_page("xray_app/ui/pages/study.py").run()
    hold.gate.set()
    assert job.wait(60)
    page.switch_page(PAGE).run()
    assert not page.exception
    assert len(page.dataframe[0].value) == 3


def test_a_batch_that_waits_says_how_many_come_first(page: AppTest) -> None:
    with BATCHES.turn("a", print), BATCHES.turn("b", print):
        job = start(page, FILES)
        while not job.view().before:
            assert not job.wait(0.05)
        page.run()
        assert page.get("progress")[0].proto.text.startswith("Waiting: 2 before you.")
    assert job.wait(60)
    assert len(job.view().entries) == 3


def test_cancelling_keeps_the_rows_that_are_there(page: AppTest, engine: FakeEngine) -> None:
    hold = Hold(engine)
    job = start(page, {f"{n}.png": DARK for n in range(12)})
    assert hold.reached.wait(60)
    page.run()
    page.button(key="batch_cancel").click().run()
    assert page.button(key="batch_cancel").disabled
    hold.gate.set()
    assert job.wait(60)
    page.run()
    assert not page.exception
    assert page.warning[0].value.startswith("Cancelled after ")
    assert page.warning[0].value.endswith(" of 12 rows.")
    assert len(job.view().entries) < 12
    assert "batch_again" in keys(page)


def test_a_failing_model_is_one_sentence(
    page: AppTest, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(batch: np.ndarray) -> None:
        raise EngineError("The process that holds the model stopped; try again.")

    monkeypatch.setattr(engine, "forward", fail)
    finish(page, FILES)
    assert [e.value for e in page.error] == ["The process that holds the model stopped; try again."]
    assert "batch_clear" in keys(page)


def test_a_batch_that_failed_says_how_far_it_came_and_can_be_tried_again(
    page: AppTest, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    forward, calls = engine.forward, itertools.count()

    def fail_later(batch: np.ndarray) -> Forward:
        if next(calls):
            raise EngineError("The process that holds the model stopped; try again.")
        return forward(batch)

    monkeypatch.setattr(engine, "forward", fail_later)
    finish(page, {f"{n}.png": DARK for n in range(2 * BATCH)})
    (said,) = [error.value for error in page.error]
    assert said.endswith(f"try again. It stopped after {BATCH} of {2 * BATCH} rows.")
    monkeypatch.setattr(engine, "forward", forward)
    page.button(key="batch_again").click().run()
    job = job_of(page)
    assert job is not None and job.wait(60)
    page.run()
    assert not page.error
    assert len(page.dataframe[0].value) == 2 * BATCH
    assert "batch_again" not in keys(page)


def test_a_scheme_that_can_not_be_applied_leaves_the_results(
    page: AppTest, engine: FakeEngine
) -> None:
    """The fake's card has no statistics of the training images."""
    engine.card = fake_card(contract={"scheme": "raw", "range": [0, 255], "layers": []})
    finish(page, FILES)
    before = job_of(page)
    choose_scheme(page, "custom").selectbox(key="scale").set_value("dataset").run()
    page.button(key="batch_again").click().run()
    assert not page.exception
    assert any("dataset" in error.value for error in page.error)
    assert job_of(page) is before
    assert len(page.run().dataframe[0].value) == len(FILES)


def test_too_much_is_one_sentence(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_records, "MAX_FILES", 2)
    uploads = [(name, data, "image/png") for name, data in FILES.items()]
    page.file_uploader(key="batch_uploads").set_value(uploads).run()
    page.button(key="batch_start").click().run()
    assert not page.exception
    assert page.error[0].value.startswith("Expected at most 2 files and 200 MB, received 3 files")
    assert job_of(page) is None


def test_clearing_gives_the_page_back(page: AppTest) -> None:
    finish(page, FILES)
    page.button(key="batch_clear").click().run()
    assert not page.dataframe
    assert page.button(key="batch_start").disabled
    assert job_of(page) is None
