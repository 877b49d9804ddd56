"""What a person or a file supplies is shown as it is written, never as Markdown."""

import re
from html import escape
from warnings import catch_warnings, simplefilter

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from streamlit.testing.v1 import AppTest

from tests.made_files import png
from tests.readers.reader_files import dicom
from tests.ui.foreign_text import HOSTILE, assert_plain
from tests.ui.pages import upload
from xray_app.ui.words import plain

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
MARKS = st.text(st.sampled_from("![]()<>&#;*_~`$\\|-+=.1a :\n/@w"), min_size=1, max_size=30)


@settings(max_examples=500)
@given(MARKS)
@example("![x](http://evil.example)")
@example("&#91;")
@example("1. a")
@example("---")
@example("a\\")
def test_markdown_shows_the_text_as_it_is(text: str) -> None:
    shown = MARKDOWN.render(plain(text)).replace("\u2060", "")
    one_line = " ".join(text.split())
    assert shown == (f"<p>{escape(one_line)}</p>\n" if one_line else "")


def test_what_is_looked_for_after_the_marks_is_broken_apart() -> None:
    text = "http://a :smile: a@b.example www.a :red[x]"
    for found in (r"https?://", r":\w+:", r"\w@\w", r"www\.", r":\w+\["):
        assert not re.search(found, plain(text)), found


def test_an_ordinary_sentence_stays_as_it_is() -> None:
    text = "Expected 8-bit (or 16-bit) pixels; came: file_1.png, 3.5 % over. What's next?"
    assert plain(text) == text


@pytest.mark.parametrize("key", ["scheme", "sample", "model", "weights"])
def test_in_an_address(app: AppTest, key: str) -> None:
    app.query_params[key] = HOSTILE
    app.run()
    assert not app.exception
    assert_plain(app)


def test_in_a_files_name(app: AppTest) -> None:
    image = np.tile(np.linspace(0, 255, 40).astype(np.uint8), (40, 1))
    upload(app, f"{HOSTILE.replace('/', '')}.png", png(image))
    assert not app.exception
    assert_plain(app)
    upload(app, f"{HOSTILE.replace('/', '')}.txt", b"no image")
    assert_plain(app)


def test_in_a_header(app: AppTest) -> None:
    image = np.tile(np.linspace(0, 4095, 40).astype(np.uint16), (40, 1))
    with catch_warnings():
        simplefilter("ignore")  # no code string has such letters, but files do
        data = dicom(image, bits=12, BodyPartExamined="![E](//EVIL)", ViewPosition="AP")
    upload(app, "a.dcm", data)
    assert not app.exception
    captions = [c.value for c in app.caption if "EVIL" in c.value]
    assert captions
    assert all("![" not in c for c in captions)
