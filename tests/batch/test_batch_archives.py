"""Archives are open while a batch reads from them, and no longer."""

import pickle
import zipfile
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.batch.batch_files import samples
from tests.fakes import FakeEngine
from xray_app.batch import cluster
from xray_app.batch.decoding import Decoder, Wanted
from xray_app.batch.inputs import find_inputs
from xray_app.batch.item import Item
from xray_app.batch.scoring import BatchOptions, score_all

ONE = BatchOptions(workers=1)


def open_archives() -> list[str]:
    """The archives that this process has open, each as often as it has."""
    return sorted(f.path for f in psutil.Process().open_files() if f.path.endswith(".zip"))


def write_zip(path: Path, count: int = 3) -> str:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.png", samples()[number])
    return str(path)


@pytest.fixture
def given(tmp_path: Path) -> str:
    return write_zip(tmp_path / "many.zip")


def test_listing_leaves_no_archive_open(given: str) -> None:
    found = find_inputs([given])
    assert next(found).name.endswith("0.png")
    assert open_archives() == []


def test_one_file_alone_leaves_no_archive_open(given: str) -> None:
    assert [item.read() for item in find_inputs([given])] == samples()[:3]
    assert open_archives() == []


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_batch_opens_an_archive_once_and_closes_it_at_its_end(given: str, scheme: str) -> None:
    rows = score_all(FakeEngine(), find_inputs([scheme + given]), ONE)
    assert next(rows).row.error is None
    assert open_archives() == [given]
    assert len(list(rows)) == 2
    assert open_archives() == []


def test_a_batch_that_is_stopped_closes_its_archives(given: str) -> None:
    with closing(score_all(FakeEngine(), find_inputs([given]), ONE)) as rows:
        next(rows)
        assert open_archives() == [given]
    assert open_archives() == []


def test_however_many_archives_only_the_last_few_are_open(tmp_path: Path) -> None:
    for number in range(9):
        write_zip(tmp_path / f"{number}.zip", 1)
    wanted = [Wanted(item) for item in find_inputs([str(tmp_path)])]
    with closing(Decoder(workers=1)) as decoder:
        assert [one.error for one in decoder.decode(wanted)] == [""] * 9
        assert open_archives() == [str(tmp_path / f"{number}.zip") for number in range(5, 9)]
    assert open_archives() == []


def test_an_actor_that_ends_closes_its_archives(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ray Data deletes an actor's object when the actor's work is done."""
    pa = pytest.importorskip("pyarrow")
    monkeypatch.setattr(cluster, "open_engine", lambda model, one_core: FakeEngine())
    actor = cluster.Actor("fake", ONE)
    item = pickle.dumps(Item("0.png", given, "0.png"))
    (answer,) = actor(pa.table({"item": [item]}))
    assert pickle.loads(answer["scored"][0].as_py()).row.error is None
    assert open_archives() == [given]
    del actor
    assert open_archives() == []
