"""The page Batch once it is scored: filters, marks, opened rows and labels."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT
from tests.fakes import FakeEngine, card_content, fake_card
from tests.gate_rules import ENTRY, fake_rule
from tests.ui.batch_page import (
    BRIGHT,
    DARK,
    FILES,
    PAGE,
    WHITE,
    choose_scheme,
    finish,
    job_of,
    keys,
    label,
    of_job,
    select,
)
from tests.ui.pages import texts
from xray_app.batch import model as batch_model
from xray_app.gate import judge as gate_service
from xray_app.ui.batch import figures as batch_figures


@pytest.fixture
def gated(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (gate_service, batch_model):
        monkeypatch.setattr(module, "rule_of", lambda card: fake_rule() if card.gate else None)
    engine.card = fake_card(gate=ENTRY)


@pytest.mark.usefixtures("gated")
def test_behind_a_closed_gate_no_prediction_is_shown_until_asked(page: AppTest) -> None:
    finish(page, {"dark.png": DARK, "white.png": WHITE})
    assert "2 images: 1 stopped by the gate, 0 with an error." in texts(page)
    table = page.dataframe[0].value
    assert list(table["Gate"]) == ["Open", "Closed"]
    assert list(table["Predicted"]) == ["Normal", "Not shown: gate closed"]
    assert np.isnan(table["probability_normal"][1])
    page.toggle(key=of_job(page, "batch_anyway")).set_value(True).run()
    table = page.dataframe[0].value
    assert table["Predicted"][1] == "Gate closed (Bacterial pneumonia?)"
    assert table["probability_bacterial_pneumonia"][1] > 0.5


@pytest.mark.usefixtures("gated")
def test_a_gate_that_judged_nothing_is_a_gate_all_the_same(page: AppTest) -> None:
    finish(page, {"text.png": b"none"})
    assert "1 image: 0 stopped by the gate, 1 with an error." in texts(page)


def test_labels_may_be_alike_or_those_of_other_columns(page: AppTest, engine: FakeEngine) -> None:
    names = [one["name"] for one in card_content()["classes"]]
    labels = ("Error", "Opacity", "Opacity")
    engine.card = fake_card(
        classes=[{"name": n, "label": label} for n, label in zip(names, labels, strict=True)]
    )
    finish(page, {"dark.png": DARK, "text.png": b"none"})
    table = page.dataframe[0].value
    columns = [f"probability_{name}" for name in names]
    assert sum(table[column][0] for column in columns) == pytest.approx(1.0)
    assert "xpected" in table["Error"][1]
    drawn = json.loads(page.dataframe[0].proto.columns)
    assert [drawn[column]["label"] for column in columns] == ["Error", "Opacity", "Opacity (2)"]


def test_a_scheme_that_does_not_fit_is_marked_in_each_row(page: AppTest) -> None:
    choose_scheme(page, "rescale")
    finish(page, {"dark.png": DARK, "bright.png": BRIGHT})
    table = page.dataframe[0].value
    assert set(table["Verdict"]) == {"Mismatch"}
    assert all(text.startswith("Says nothing (") for text in table["Predicted"])
    assert "probability_normal" not in table
    assert list(table["Fed as trained"]) == ["Normal", "Bacterial pneumonia"]
    assert "Of 2 the prediction can't be relied on" in texts(page)


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
        page.segmented_control(key=of_job(page, "batch_shown")).set_value(name).run()
        assert shown() == files
    page.segmented_control(key=of_job(page, "batch_shown")).set_value("all").run()
    classes = of_job(page, "batch_classes")
    assert page.multiselect(key=classes).proto.wrap  # what is chosen is not cut
    page.multiselect(key=classes).set_value(["bacterial_pneumonia"]).run()
    assert shown() == ["bright.png"]  # the white one's class is not shown, so it's not told here
    page.multiselect(key=of_job(page, "batch_verdicts")).set_value(["matches"]).run()
    assert shown() == ["bright.png"]
    page.multiselect(key=classes).set_value(["viral_pneumonia"]).run()
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
    assert page.header[0].value.startswith("Bacterial pneumonia")
    assert "sample" not in dict(page.query_params)
    page.button(key="let_go").click().run()
    assert not page.exception
    assert "sample" in dict(page.query_params)


@pytest.mark.usefixtures("engine")
def test_a_row_opens_wherever_the_main_script_lies(tmp_path: Path) -> None:
    """A wheel has it in another folder than the checkout, and no pages below that."""
    script = shutil.copy(ROOT / "streamlit_app.py", tmp_path)
    page = AppTest.from_file(script, default_timeout=30).run().switch_page(str(ROOT / PAGE)).run()
    select(finish(page, {"bright.png": BRIGHT}), 0)
    page.button(key="batch_open").click().run()
    assert not page.exception
    assert "Opened from the batch: bright.png" in texts(page)


def test_an_upload_takes_the_place_of_an_opened_row(page: AppTest) -> None:
    finish(page, FILES)
    select(page, 0)
    page.button(key="batch_open").click().run()
    page.switch_page("xray_app/ui/pages/diagnose.py").run()
    assert page.header[0].value.startswith("Normal")
    page.file_uploader(key="uploads").upload("own.png", BRIGHT, "image/png").run()
    assert "Opened from the batch" not in texts(page)
    assert page.header[0].value.startswith("Bacterial pneumonia")


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


def test_another_batch_gets_its_own_table_and_figures(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the new job lies at the old one's place, and so has the same ``id``."""
    monkeypatch.setattr(batch_figures, "id", lambda thing: 7, raising=False)
    labels = b"name,label\na.png,normal\nb.png,bacterial_pneumonia\nc.png,viral_pneumonia\n"
    accuracies = []
    for dark in ("a.png", "b.png"):
        finish(page, {n: DARK if n == dark else BRIGHT for n in ("a.png", "b.png", "c.png")})
        label(page, labels)
        figures = page.table[0].value.set_index("Figure")["Here (95 % interval)"]
        accuracies.append(figures["Accuracy, all classes"][:5])
        job = job_of(page)
        assert job is not None
        assert job.key in page.dataframe[0].key
        page.button(key="batch_clear").click().run()
    assert accuracies == ["0.667", "0.000"]


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
