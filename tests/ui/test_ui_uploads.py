"""An upload never touches the disk, not even on its way into the server."""

import subprocess
import sys
from pathlib import Path

import pytest
from starlette.formparsers import MultiPartParser
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT

# Parses a form with a file of 5 MB, as Streamlit's server does, and reports every file opened.
PARSE = """
import asyncio, sys
from starlette.requests import Request
if sys.argv[1] == "kept":
    from xray_app.ui.session.uploads import keep_uploads_in_memory
    keep_uploads_in_memory()
part = b'--x\\r\\nContent-Disposition: form-data; name="f"; filename="a.dcm"\\r\\n\\r\\n'
body = part + bytes(5_000_000) + b"\\r\\n--x--\\r\\n"
chunks = [body[i : i + 65536] for i in range(0, len(body), 65536)]
async def receive():
    return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}
async def main():
    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    form = await Request({"type": "http", "headers": headers}, receive).form()
    assert len(await form["f"].read()) == 5_000_000
opened = []
async def watched():
    sys.addaudithook(lambda event, args: event == "open" and opened.append(str(args[0])))
    await main()
asyncio.run(watched())
print(*opened, sep="\\n")
"""


def opened_while_parsing(how: str, temporary: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PARSE, how],
        cwd=ROOT, env={"TMPDIR": str(temporary)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [line for line in done.stdout.splitlines() if str(temporary) in line]


def test_a_large_upload_stays_in_memory(tmp_path: Path) -> None:
    assert opened_while_parsing("kept", tmp_path) == []
    assert opened_while_parsing("as it is", tmp_path)  # else there would be nothing to mend


def test_the_app_sees_to_it_when_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 1024 * 1024)
    AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    assert MultiPartParser.spool_max_size == 0
