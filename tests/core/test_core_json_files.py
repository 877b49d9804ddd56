"""JSON for people, and sentences about what is not as expected."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from xray_app.core.errors import CardError, InputError
from xray_app.core.json_files import json_text, read_json, read_record, write_json


def test_json_is_compact_or_for_people(tmp_path: Path) -> None:
    value = {"a": [1, 2], "b": "é" * 50, "c": "x" * 40}
    write_json(tmp_path / "a.json", value, compact=True)
    assert (tmp_path / "a.json").read_text(encoding="utf-8").count("\n") == 1
    write_json(tmp_path / "b.json", value)
    assert (tmp_path / "b.json").read_text(encoding="utf-8") == json_text(value)
    assert read_json(tmp_path / "a.json", what="x") == read_json(tmp_path / "b.json", what="x")


def test_short_json_stays_on_one_line() -> None:
    value = {"a": [1, 2], "b": [{"name": "x" * 40, "value": 1.0}, {"name": "y" * 40}]}
    assert json.loads(json_text(value)) == value
    assert json_text(value).splitlines()[1] == '  "a": [1, 2],'


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid")
    names: tuple[str, ...]
    inner: dict[str, float] = {}


@dataclass(frozen=True)
class Plain:
    names: tuple[str, ...]
    inner: dict[str, float]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "Old thing a.json is not JSON: EOF while parsing"),
        ("\xff", "Old thing a.json is not JSON: "),
        ("[" * 20_000, "Old thing a.json is not JSON: "),
        ("[]", "Old thing a.json is wrong in field (top): "),
        ("{}", "Old thing a.json is wrong in field names: Field required, received {}"),
        ('{"names": [], "inner": {"x": "y"}}', "a.json is wrong in field inner.x: Input should be"),
        ('{"names": [1, 2, 3, 4, 5]}', "field names.2: Input should be a valid string, received 3"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content.encode("latin-1"))
    for kind in (Model, Plain):
        with pytest.raises(InputError) as caught:
            read_record(path, kind, what="old thing", advice="make it anew", error=InputError)
        told = str(caught.value)
        assert sentence in told
        assert told.endswith("; make it anew.")
        assert len(told.splitlines()) == 1


def test_of_many_wrong_fields_three_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"names": [1, 2, 3, 4, 5]}')
    with pytest.raises(CardError, match=r"received 3; and 2 more\.$"):
        read_record(path, Model, what="thing")


@pytest.mark.parametrize("content", ["{", "\xff", "[" * 200_000, ""])
def test_undecodable_json_is_one_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(CardError, match=r"^Old thing a\.json is not JSON: .*\.$"):
        read_json(tmp_path / "a.json", what="old thing")
    with pytest.raises(CardError, match=r"^Can't read old thing b\.json: No such file"):
        read_json(tmp_path / "b.json", what="old thing")
