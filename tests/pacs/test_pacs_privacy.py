"""Search, retrieve and store leave no trace on the disk."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.traces import WATCH, snapshot

# The same watch as over the readers; connecting is what this is about.
CODE = (
    WATCH
    + """
from tests.documents.made import source
from tests.pacs.servers import PLACE, STUDY, serving, small_pacs
from xray_app.pacs import Query, find_images, find_studies, retrieve, store
data = source()
sys.dont_write_bytecode = True
sys.addaudithook(hook)
with serving(small_pacs(data)) as server:
    settings = server.settings()
    (study,) = find_studies(settings, Query(name="Quintessa"))
    (image,) = find_images(settings, study)
    assert retrieve(settings, image.place) == data
    assert store(settings, STUDY, [data]) == 1
touched = [t for t in touched if t[0] != "socket.connect" and os.devnull not in t[1]]
assert not touched, touched
"""
)


def test_nothing_is_written(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=ROOT,
        env=os.environ | home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    assert not snapshot(tmp_path)
    assert (done.stdout, done.stderr) == ("", "")
