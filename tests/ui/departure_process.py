"""A server that a visitor uploads to and leaves; says what is left of the visitor once time is up.

Run by ``test_ui_server.py``.
"""

import asyncio
import contextlib
import sys
import time
from collections.abc import Callable

import uvicorn
from streamlit import config
from streamlit.runtime import get_instance
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from benchmarks.visitor import Visitor
from streamlit_app import app
from xray_app.samples.catalogue import list_samples, read_sample
from xray_app.ui.session import departures

SECONDS = 20.0
ALONE = 2  # references to an object that this module alone holds, while they are counted


def uploads() -> dict[str, dict[str, UploadedFileRec]]:
    return get_instance().uploaded_file_mgr.file_storage


async def until(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + SECONDS
    while not true() and time.monotonic() < end:
        await asyncio.sleep(0.05)
    return true()


async def visit(address: str) -> bytes:
    """Come, upload and leave; the file as the server holds it."""
    visitor = Visitor(address)
    await visitor.open()
    await visitor.upload("chest.png", read_sample(list_samples()[0]))
    await visitor.rerun()
    ((file,),) = (held.values() for held in uploads().values())
    await visitor.close()
    return file.data


async def main() -> None:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", access_log=False))
    serving = asyncio.create_task(server.serve())
    assert await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    data = await visit(f"http://127.0.0.1:{port}")
    await until(lambda: sys.getrefcount(data) == ALONE and not uploads())
    print(sys.getrefcount(data) - ALONE, len(uploads()))
    server.should_exit = True
    with contextlib.suppress(asyncio.CancelledError):
        await serving


if __name__ == "__main__":
    departures.AWAY_SECONDS, departures.LOOK_SECONDS = 2.0, 0.2
    config.set_option("server.disconnectedSessionTTL", 4)
    asyncio.run(main())
