"""The record of artefacts: read, checked, and tied to the weights."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import card_content
from xray_app.cards.artefacts_record import (
    ARTEFACTS_FILE,
    ArtefactRecord,
    artefacts_of,
    read_artefacts,
)
from xray_app.cards.card import read_card
from xray_app.core.errors import CardError


def artefacts_content(**passes: bool | None) -> dict[str, Any]:
    names = ("mirror", "blank", "norms", "cover", "swap")
    return {
        "format": 1,
        "model": "fake",
        "weights_sha256": "0" * 64,
        "data": "spots.zip",
        "command": "none",
        "tests": [
            {
                "name": name,
                "figure": {"value": 0.5, "low": 0.4, "high": 0.6},
                "threshold": 0.5,
                "passes": passes.get(name, True),
                "images": 3,
                "sentence": "So it is.",
            }
            for name in names
        ],
    }


@pytest.mark.parametrize(
    ("passes", "habit"),
    [({}, False), ({"mirror": False}, True), ({"norms": False}, True), ({"cover": False}, False),
     ({"blank": None}, False)],
)  # fmt: skip
def test_a_habit_is_a_place_that_stands_out_anyhow(
    passes: dict[str, bool | None], habit: bool
) -> None:
    assert ArtefactRecord.model_validate(artefacts_content(**passes)).has_habit is habit


def test_a_record_of_other_weights_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(json.dumps(card_content()))
    card = read_card(tmp_path / "card.json")
    assert artefacts_of(card) is None
    (tmp_path / ARTEFACTS_FILE).write_text(json.dumps(artefacts_content()))
    assert artefacts_of(card) is not None
    other = artefacts_content() | {"weights_sha256": "1" * 64}
    (tmp_path / ARTEFACTS_FILE).write_text(json.dumps(other))
    assert artefacts_of(card) is None


@pytest.mark.parametrize("text", ["{}", "[", '{"tests": 3}'])
def test_a_broken_record_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / ARTEFACTS_FILE).write_text(text)
    with pytest.raises(CardError, match=r"artefacts\.json is .*"):
        read_artefacts(tmp_path / ARTEFACTS_FILE)
