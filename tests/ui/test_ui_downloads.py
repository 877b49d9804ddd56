"""What can be taken away from the page Diagnose, under AppTest and as the buttons make it."""

import io
import json
import zipfile
from collections.abc import Callable

import numpy as np
import pypdfium2
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.documents.made import secrets, source
from tests.fakes import FakeEngine
from tests.made_files import WHITE, png
from tests.ui.pages import choose, texts
from xray_app.ui.widgets import downloads

Made = dict[str, tuple[Callable[[], bytes | str], str]]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    """What each button would give, and its file's name, by label; the buttons are drawn, too."""
    found: Made = {}
    draw = st.download_button

    def caught(label: str, data: Callable[[], bytes | str], file: str, *args, **kwargs):
        assert callable(data) or label == "Result, JSON"  # made when the button is pressed
        found[label] = (data if callable(data) else lambda: data, file)
        return draw(label, data, file, *args, **kwargs)

    monkeypatch.setattr(downloads.st, "download_button", caught)
    return found


def with_dicom(app: AppTest) -> AppTest:
    app.run()
    file = ("Quintessa_Zebulon.dcm", source(), "application/dicom")
    return app.file_uploader(key="uploads").upload(*file).run()


def everything(made: Made) -> bytes:
    contents = [name.encode() for _, name in made.values()]
    for make, name in made.values():
        content = make()
        contents.append(content if isinstance(content, bytes) else content.encode())
        if name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(contents[-1])) as archive:
                contents += [archive.read(n) for n in archive.namelist()]
        if name.endswith(".pdf"):
            page = pypdfium2.PdfDocument(contents[-1])[0].get_textpage()
            contents.append(page.get_text_bounded().encode())
    return b"\n".join(contents)


def test_every_form_can_be_taken_away(app: AppTest, made: Made) -> None:
    app.run()
    assert not app.exception
    assert list(made) == [
        "Report, PDF", "Report, HTML", "Overlay, PNG", "Result, JSON", "DICOM, zip",
    ]  # fmt: skip
    contents = {label: make() for label, (make, _) in made.items()}
    assert len(pypdfium2.PdfDocument(contents["Report, PDF"])) == 1
    assert "AI-generated sample" in str(contents["Report, HTML"])
    assert json.loads(contents["Result, JSON"])["model"] == "fake"
    with Image.open(io.BytesIO(bytes(contents["Overlay, PNG"]))) as image:
        assert image.mode == "RGB"
    assert not app.checkbox  # a sample can't be linked to


def test_the_forms_follow_the_scheme(app: AppTest, made: Made) -> None:
    choose(app.run(), "scheme", "rescale")
    assert all("-rescale." in name for _, name in made.values())
    assert "<s>" in str(made["Report, HTML"][0]())


def test_without_a_link_nothing_names_the_patient(app: AppTest, made: Made) -> None:
    with_dicom(app)
    assert not app.exception
    (link,) = app.checkbox
    assert link.label == "Link to the original study (contains identifiers)"
    assert not link.value
    content = everything(made)
    assert [word for word in secrets() if word in content] == []


def test_a_link_is_asked_for_and_marked(app: AppTest, made: Made) -> None:
    with_dicom(app).checkbox[0].check().run()
    assert not app.exception
    assert "will name the patient" in texts(app)
    make, name = made["DICOM, zip"]
    assert name.endswith("-linked.zip")
    with zipfile.ZipFile(io.BytesIO(bytes(make()))) as archive:
        assert len(archive.namelist()) == 4
        assert all(b"PID-778899" in archive.read(n) for n in archive.namelist())
    del made["DICOM, zip"]
    content = everything(made)
    assert [word for word in secrets() if word in content] == []  # the others stay as they are


def test_a_file_that_cannot_be_linked_to_is_one_sentence(app: AppTest, made: Made) -> None:
    app.run()
    file = ("a.dcm", source(StudyInstanceUID=""), "application/dicom")
    app.file_uploader(key="uploads").upload(*file).run()
    app.checkbox[0].check().run()
    assert not app.exception
    assert "Leave the link out" in app.warning[-1].value
    assert not made["DICOM, zip"][1].endswith("-linked.zip")


def test_a_closed_gate_hides_the_downloads(gated: AppTest, made: Made) -> None:
    gated.run()
    made.clear()
    gated.file_uploader(key="uploads").upload("a.png", png(WHITE), "image/png").run()
    assert not made
    gated.button(key="gate_show").click().run()
    assert len(made) == 5
    assert "outside what the model knows" in str(made["Report, HTML"][0]())


def test_a_picture_has_no_link(app: AppTest, engine: FakeEngine, made: Made) -> None:
    app.run()
    image = png(np.tile(np.arange(64, dtype=np.uint8) * 4, (50, 1)))
    app.file_uploader(key="uploads").upload("Zebulon.png", image, "image/png").run()
    assert not app.exception
    assert not app.checkbox
    assert b"Zebulon" not in everything(made)
