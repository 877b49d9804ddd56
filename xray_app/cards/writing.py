"""Changing a model's card and the files beside it, so that neither is ever half done."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xray_app.cards.card import parse_card
from xray_app.core import read_json, write_json, write_text

_FILES = ("weights", "serving", "gate")  # fields that name a file


def update_card(
    path: Path, fields: Mapping[str, object], beside: Mapping[str, str] | None = None
) -> None:
    """Change some fields of a card's file; the others stay as they are.

    The new card is checked before anything is written. Then come the files beside it, then the
    card, then what it no longer names is deleted. So whenever this is stopped, each file that the
    card names is there as the card describes it, if a file with other content has another name;
    at worst a file remains that no card names.

    Args:
        path: the card's file.
        fields: their new values, as plain values; None takes a field out.
        beside: texts of new files in the card's folder, by name.

    Raises:
        CardError: the card can't be read, or would be wrong.
        InputError: something can't be written; the card is as it was before.
    """
    before: dict[str, Any] = read_json(path, what="model card")
    parse_card(before, path.name)
    removed = {name for name, value in fields.items() if value is None}
    after = {name: value for name, value in {**before, **fields}.items() if name not in removed}
    parse_card(after, path.name)
    for name, text in (beside or {}).items():
        write_text(path.with_name(name), text)
    write_json(path, after)
    for name in _named(before) - _named(after):
        with contextlib.suppress(OSError):  # a file that no card names does no harm
            path.with_name(name).unlink()


def _named(card: Mapping[str, Any]) -> set[str]:
    return {card[field]["file"] for field in _FILES if card.get(field)}
