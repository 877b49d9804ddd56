"""A thousand real radiographs, twenty of them damaged, killed on the way and resumed."""

import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.batch.batch_files import command, kill_at, make_folder
from xray_app.__main__ import main

IMAGES, DAMAGED = 1000, 20


@pytest.fixture
def thousand(data_directory: Path, tmp_path: Path) -> tuple[Path, set[str]]:
    with zipfile.ZipFile(data_directory / "kermany_cxr_224.zip") as archive:
        names = sorted(n for n in archive.namelist() if n.startswith("test/") and n[-1] != "/")
        sources = [archive.read(name) for name in names]
    return tmp_path / "in", make_folder(tmp_path / "in", sources, IMAGES, DAMAGED)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_thousand_images_killed_at_40_percent_and_resumed(
    thousand: tuple[Path, set[str]], tmp_path: Path
) -> None:
    folder, broken = thousand
    whole, killed = tmp_path / "whole.parquet", tmp_path / "killed.parquet"
    assert main(["batch", str(folder), "--out", str(whole), "--workers", "1"]) == 0
    table = pq.read_table(whole).to_pylist()
    assert len(table) == IMAGES == len({(row["name"], row["frame"]) for row in table})
    assert {row["name"] for row in table if row["error"]} == broken and len(broken) == DAMAGED
    assert [row["name"] for row in table] == sorted(row["name"] for row in table)

    kill_at(command(folder, "--out", killed), killed, 2 * IMAGES // 5)
    assert not killed.exists()
    assert main(["batch", str(folder), "--out", str(killed), "--resume"]) == 0
    assert killed.read_bytes() == whole.read_bytes()
