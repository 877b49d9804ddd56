"""The table of what is read, and the page of the docs that is made of it."""

import json
from pathlib import Path

import pytest
from pydicom.pixels.decoders.base import _PIXEL_DATA_DECODERS

from xray_app.readers import READERS
from xray_app.readers.dicom.decoders import DECODERS
from xray_app.readers.supported import format_table

DOC = Path(__file__).parents[2] / "docs/formats.md"


@pytest.fixture(scope="module")
def table():
    return format_table()


def test_a_row_for_every_reader(table):
    assert [row.format for row in table.formats] == [reader.label for reader in READERS.values()]


def test_every_transfer_syntax_that_pydicom_decodes_has_decoders(table):
    assert {row.uid for row in table.syntaxes} == DECODERS.keys() == set(_PIXEL_DATA_DECODERS)
    assert all(row.available for row in table.syntaxes)
    assert sum(sum(row.measured.values()) for row in table.syntaxes) > 90


def test_decoders_are_known_to_pydicom():
    for uid, names in DECODERS.items():
        decoder = _PIXEL_DATA_DECODERS[uid][0]
        assert all(name == "numpy" or name in decoder.available_plugins for name in names)


def test_the_page_of_the_docs_is_this_table(table):
    assert table.to_markdown() in DOC.read_text(), (
        "docs/formats.md differs from the table; replace its tables by the output of "
        "python -m xray_app formats --markdown"
    )


def test_other_forms(table):
    again = json.loads(json.dumps(table.to_dict()))
    assert again["limits"]["time to decode"] == "20 s"
    assert again["syntaxes"][0]["measured"]
    text = table.to_text()
    assert "1.2.840.10008.1.2.4.90" in text
    assert all(label in text for label in ("DICOM", "WebP", "64 million pixels"))
