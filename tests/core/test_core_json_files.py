"""Files that are whole or not there, and sentences about those that are not as expected."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from xray_app.core.errors import CardError, InputError
from xray_app.core.json_files import (
    json_text,
    make_folder,
    read_json,
    read_record,
    write_atomically,
    write_json,
    write_text,
)


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("reason", [OSError(28, "No space left on device"), Killed()])
def test_a_writer_that_stops_leaves_what_was_there(tmp_path: Path, reason: BaseException) -> None:
    path = tmp_path / "card.json"
    path.write_text("old")

    def stop(place: Path) -> None:
        place.write_text("ha")
        raise reason

    expected = InputError if isinstance(reason, OSError) else Killed
    with pytest.raises(expected) as caught:
        write_atomically(path, stop)
    if expected is InputError:
        assert str(caught.value).startswith("Can't write card.json: No space left on device.")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Can't write a\.json: No such file or directory"):
        write_text(tmp_path / "no" / "a.json", "text")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="Can't make the folder .*: Not a directory"):
        make_folder(tmp_path / "file" / "folder")


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    write_text(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_text(Path("/dev/null"), "text")
    assert Path("/dev/null").is_char_device()


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
