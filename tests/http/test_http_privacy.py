"""A body leaves no trace: no file, no log; and one that is too long is stopped on its way."""

import os
import select
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT
from tests.http.conftest import sentence
from tests.readers.patient_files import FILES, SIGNS

# What Python reports for each file that is opened for writing, made or moved (PEP 578).
WATCH = """
import io, os, sys, tempfile
touched = []
def hook(event, args):
    if event == "open" and not isinstance(args[0], int):
        mode, flags = args[1] or "", args[2] or 0
        if set(mode) & set("wax+") or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            touched.append((event, str(args[0])))
    elif event in ("os.rename", "os.mkdir", "os.link", "os.symlink", "tempfile.mkstemp",
                   "tempfile.mkdtemp", "shutil.copyfile"):
        touched.append((event, str(args)))
import numpy as np
from PIL import Image
from tests.http.conftest import BYTES, fake_engines, serving
from tests.readers.patient_files import FILES
from xray_app.http.admission import Limits
large = io.BytesIO()
pixels = np.random.default_rng(0).integers(0, 256, (3000, 2000), np.uint8)
Image.fromarray(pixels).save(large, "TIFF")
assert large.tell() > 5_000_000  # forms are spooled to the disk above 1 MB
sys.dont_write_bytecode = True
sys.addaudithook(hook)
if sys.argv[1:] == ["spill"]:
    tempfile.TemporaryFile().close()
with serving(fake_engines(), Limits(body_bytes=50_000_000)) as client:
    statuses = [
        client.post(address + "?target=Jane", content=data, headers=BYTES).status_code
        if damaged else client.post(address, content=data, headers=BYTES).status_code
        for address in ("/predict", "/compare")
        for data in (*FILES.values(), large.getvalue())
        for damaged in (False, True)
    ]
assert {200, 422} <= set(statuses) <= {200, 415, 422}, statuses
assert statuses[-2] == 200
touched = [t for t in touched if os.devnull not in t[1]]
assert not touched, touched
"""


def watched(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    folders = {"HOME": str(home), "TMPDIR": str(home), "XDG_CACHE_HOME": str(home)}
    command = [sys.executable, "-c", WATCH, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | folders, capture_output=True, text=True, check=False
    )


def test_nothing_is_written_or_logged(tmp_path: Path) -> None:
    """By Python (audit events), and by whatever else (an empty home and temporary folder)."""
    done = watched(tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not list(tmp_path.rglob("*"))


def test_the_watch_would_see_a_temporary_file(tmp_path: Path) -> None:
    done = watched(tmp_path, "spill")
    assert done.returncode == 1
    assert str(tmp_path) in done.stderr


def test_no_error_names_a_patient(client: httpx.Client) -> None:
    for data in FILES.values():
        response = client.post(
            "/predict?frame=9", content=data, headers={"Content-Type": "application/dicom"}
        )
        assert response.status_code == 422
        assert not [sign for sign in SIGNS if sign in sentence(response).lower()]


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_too_long_is_refused_before_it_has_come(
    client: httpx.Client, declared: bool
) -> None:
    """A caller who would send 1 GB is answered soon after the first 2 MB; the rest is not kept."""
    size = 1_000_000_000
    address = (client.base_url.host, client.base_url.port or 80)
    length = f"Content-Length: {size}" if declared else "Transfer-Encoding: chunked"
    head = (
        f"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n{length}\r\n\r\n"
    )
    block = bytes(65536)
    framed = block if declared else b"10000\r\n" + block + b"\r\n"
    sent = 0
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(head.encode())
        while not select.select([connection], [], [], 0)[0] and sent < size:
            sent += connection.send(framed[sent % len(framed) :])
        answer = connection.recv(65536)
    assert sent < 20_000_000
    assert answer.startswith(b"HTTP/1.1 413")


def test_the_server_goes_on_after_a_caller_left(client: httpx.Client, sample: bytes) -> None:
    address = (client.base_url.host, client.base_url.port or 80)
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(
            b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
            b"Content-Length: 500\r\n\r\nhalf"
        )
    answer = client.post("/predict", content=sample, headers={"Content-Type": "image/png"})
    assert answer.status_code == 200
    while client.get("/health").json()["in_flight"]:
        pass  # the place of the one who left is free again
