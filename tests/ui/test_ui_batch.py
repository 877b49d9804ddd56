"""The page Batch under AppTest, with the fake engine: every state that a visitor can see."""

import io
import threading
import zipfile
from collections.abc import Iterator

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.fakes import FakeEngine, fake_card
from tests.gate_rules import ENTRY, fake_rule
from tests.ui.test_ui_diagnose import png, texts
from xray_app.batch import model as batch_model
from xray_app.core.errors import EngineError
from xray_app.engines.protocol import Forward
from xray_app.services import gate as gate_service
from xray_app.ui import batch_records
from xray_app.ui.batch_jobs import BATCHES, Job

PAGE = "xray_app/ui/pages/batch.py"
DARK = png(np.tile(np.linspace(0, 120, 40, dtype=np.uint8), (40, 1)))
BRIGHT = png(np.tile(np.linspace(130, 220, 40, dtype=np.uint8), (40, 1)))
WHITE = png(np.full((40, 40), 255, np.uint8))
FILES = {"dark.png": DARK, "bright.png": BRIGHT, "text.png": b"no picture at all\n" * 9}


class Hold:
    """Keeps the model from answering until ``open``."""

    def __init__(self, engine: FakeEngine) -> None:
        self._forward = engine.forward
        self.gate, self.reached = threading.Event(), threading.Event()
        engine.forward = self.forward

    def forward(self, batch: np.ndarray) -> Forward:
        self.reached.set()
        assert self.gate.wait(60)
        return self._forward(batch)


@pytest.fixture
def page(app: AppTest) -> Iterator[AppTest]:
    yield app.run().switch_page(PAGE).run()
    job = job_of(app)
    if job is not None:
        job.close()
        assert job.wait(60)


@pytest.fixture
def gated(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (gate_service, batch_model):
        monkeypatch.setattr(module, "rule_of", lambda card: fake_rule() if card.gate else None)
    engine.card = fake_card(gate=ENTRY)


def job_of(app: AppTest) -> Job | None:
    if "batch_desk" not in app.session_state:
        return None
    job: Job | None = app.session_state["batch_desk"].job
    return job


def start(app: AppTest, files: dict[str, bytes]) -> Job:
    uploads = [(name, data, "image/png") for name, data in files.items()]
    app.file_uploader(key="batch_uploads").set_value(uploads).run()
    app.button(key="batch_start").click().run()
    assert not app.exception
    job = job_of(app)
    assert job is not None
    return job


def finish(app: AppTest, files: dict[str, bytes]) -> AppTest:
    assert start(app, files).wait(60)
    app.run()
    assert not app.exception
    return app


def keys(app: AppTest) -> set[str]:
    return {button.key for button in app.button if (button.key or "").startswith("batch_")}


def choose_scheme(app: AppTest, name: str) -> AppTest:
    return app.selectbox(key="scheme").set_value(name).run()


def label(app: AppTest, content: bytes) -> AppTest:
    app.file_uploader(key="batch_labels").upload("labels.csv", content, "text/csv").run()
    assert not app.exception
    return app


def select(app: AppTest, row: int) -> AppTest:
    key = app.dataframe[0].key
    app.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return app.run()


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
    assert table["Normal"][0] > 0.5 > table["Normal"][1]
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


def test_a_failing_model_is_one_sentence(
    page: AppTest, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(batch: np.ndarray) -> None:
        raise EngineError("The process that holds the model stopped; try again.")

    monkeypatch.setattr(engine, "forward", fail)
    finish(page, FILES)
    assert [e.value for e in page.error] == ["The process that holds the model stopped; try again."]
    assert "batch_clear" in keys(page)


def test_too_much_is_one_sentence(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_records, "MAX_FILES", 2)
    uploads = [(name, data, "image/png") for name, data in FILES.items()]
    page.file_uploader(key="batch_uploads").set_value(uploads).run()
    page.button(key="batch_start").click().run()
    assert not page.exception
    assert page.error[0].value.startswith("Expected at most 2 files and 200 MB, received 3 files")
    assert job_of(page) is None


@pytest.mark.usefixtures("gated")
def test_behind_a_closed_gate_no_prediction_is_shown_until_asked(page: AppTest) -> None:
    finish(page, {"dark.png": DARK, "white.png": WHITE})
    assert "2 images: 1 stopped by the gate, 0 with an error." in texts(page)
    table = page.dataframe[0].value
    assert list(table["Gate"]) == ["Open", "Closed"]
    assert list(table["Predicted"]) == ["Normal", "Not shown: gate closed"]
    assert np.isnan(table["Normal"][1])
    page.toggle(key="batch_anyway").set_value(True).run()
    table = page.dataframe[0].value
    assert table["Predicted"][1] == "Gate closed (Bacterial pneumonia?)"
    assert table["Bacterial pneumonia"][1] > 0.5


def test_a_scheme_that_does_not_fit_is_marked_in_each_row(page: AppTest) -> None:
    choose_scheme(page, "rescale")
    finish(page, {"dark.png": DARK, "bright.png": BRIGHT})
    table = page.dataframe[0].value
    assert set(table["Verdict"]) == {"Mismatch"}
    assert all(text.startswith("Says nothing (") for text in table["Predicted"])
    assert "Normal" not in table
    assert list(table["Fed as trained"]) == ["Normal", "Bacterial pneumonia"]
    assert "Of 2 the prediction says nothing" in texts(page)


def test_the_same_files_under_another_scheme(page: AppTest) -> None:
    finish(page, {"dark.png": DARK})
    assert "batch_again" not in keys(page)
    choose_scheme(page, "rescale")
    page.button(key="batch_again").click().run()
    job = job_of(page)
    assert job is not None
    assert job.wait(60)
    page.run()
    assert list(page.dataframe[0].value["Verdict"]) == ["Mismatch"]


@pytest.mark.usefixtures("gated")
def test_filters(page: AppTest) -> None:
    finish(page, FILES | {"white.png": WHITE})

    def shown() -> list[str]:
        return list(page.dataframe[0].value["File"])

    for name, files in (
        ("open", ["dark.png", "bright.png"]),
        ("closed", ["white.png"]),
        ("error", ["text.png"]),
    ):
        page.segmented_control(key="batch_shown").set_value(name).run()
        assert shown() == files
    page.segmented_control(key="batch_shown").set_value("all").run()
    page.multiselect(key="batch_classes").set_value(["bacterial_pneumonia"]).run()
    assert shown() == ["bright.png"]  # the white one's class is not shown, so it's not told here
    page.multiselect(key="batch_verdicts").set_value(["matches"]).run()
    assert shown() == ["bright.png"]
    page.multiselect(key="batch_classes").set_value(["viral_pneumonia"]).run()
    assert not page.dataframe
    assert page.info[0].value == "No row passes these filters."


def test_a_row_opens_in_diagnose_and_can_be_let_go(page: AppTest) -> None:
    finish(page, FILES)
    assert page.button(key="batch_open").disabled
    select(page, 2)
    assert "There is nothing to open" not in texts(page)  # what is wrong with it is said there
    select(page, 1)
    page.button(key="batch_open").click().run()
    assert not page.exception
    assert page.title[0].value.startswith("Is normalization necessary")
    assert "Opened from the batch: bright.png" in texts(page)
    assert page.subheader[0].value.startswith("Bacterial pneumonia")
    assert "sample" not in dict(page.query_params)
    page.button(key="let_go").click().run()
    assert not page.exception
    assert "sample" in dict(page.query_params)


def test_an_upload_takes_the_place_of_an_opened_row(page: AppTest) -> None:
    finish(page, FILES)
    select(page, 0)
    page.button(key="batch_open").click().run()
    page.switch_page("xray_app/ui/pages/diagnose.py").run()
    assert page.subheader[0].value.startswith("Normal")
    page.file_uploader(key="uploads").upload("own.png", BRIGHT, "image/png").run()
    assert "Opened from the batch" not in texts(page)
    assert page.subheader[0].value.startswith("Bacterial pneumonia")


def test_labels_give_figures(page: AppTest) -> None:
    files = {"a.png": DARK, "b.png": BRIGHT, "c.png": BRIGHT, "d.png": b"none"}
    finish(page, files)
    label(page, b"name,label\na.png,normal\nb.png,BACTERIAL PNEUMONIA\nc.png,viral_pneumonia\n"
          b"d.png,normal\nelsewhere.png,normal\n")  # fmt: skip
    assert not page.error
    said = texts(page)
    assert "**3 images with a label and a prediction** (1 Normal, 1 Bacterial pneumonia" in said
    assert "Left out: 1 with a label could not be read." in said
    assert "Left out: 1 labels name no file of the batch." in said
    figures = page.table[0].value.set_index("Figure")["Here (95 % interval)"]
    assert figures["AUC, positive against negative"].startswith("1.000 (")
    assert figures["Accuracy, all classes"].startswith("0.667 (")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"file,class\na.png,normal\n", "Expected the columns name and label"),
        (b"name,label\ndark.png,healthy\n", "Expected a label of Normal, Bacterial"),
        (b"name,label\nz.png,normal\n", "Expected names of files in the batch"),
        (b"name,label\ndark.png,normal\n", "Expected labelled images of every class"),
        (b"\xff\xfe\x00", "Expected a CSV file in UTF-8"),
    ],
)
def test_wrong_labels_are_one_sentence(page: AppTest, content: bytes, sentence: str) -> None:
    finish(page, FILES)
    label(page, content)
    assert len(page.error) == 1
    assert page.error[0].value.startswith(sentence)


def test_clearing_gives_the_page_back(page: AppTest) -> None:
    finish(page, FILES)
    page.button(key="batch_clear").click().run()
    assert not page.dataframe
    assert page.button(key="batch_start").disabled
    assert job_of(page) is None


def test_the_end_of_a_session_reaches_the_desk(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = []
    monkeypatch.setattr(page.session_state["batch_desk"], "leave", lambda: left.append(True))
    st.cache_resource.clear()
    assert left == [True]
