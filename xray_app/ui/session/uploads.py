"""Uploads stay in memory, also on their way in, and no longer than they are needed."""

from collections.abc import Iterable
from contextvars import ContextVar
from typing import cast

from starlette.formparsers import MultiPartParser
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

_IN_MEMORY: ContextVar[bool] = ContextVar("uploads_in_memory", default=False)


class UploadsInMemory:
    """ASGI middleware: no upload to the application behind it is spooled to the disk.

    Streamlit's server reads an upload with Starlette's form parser, which moves a file above 1 MB
    to a temporary file on the disk before Streamlit takes it into memory. Streamlit passes no
    parser and no size on, so the parser's class asks here; the requests of other applications in
    the process get the usual size. ``server.maxUploadSize`` is enforced while the body comes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        usual = MultiPartParser.__dict__["spool_max_size"]
        if not isinstance(usual, _SpoolSize):
            MultiPartParser.spool_max_size = cast("int", _SpoolSize(usual))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        token = _IN_MEMORY.set(True)
        try:
            await self._app(scope, receive, send)
        finally:
            _IN_MEMORY.reset(token)


class _SpoolSize:
    """The attribute of the parser: bytes in memory at most, where 0 means any number.

    0 is the meaning that ``tempfile.SpooledTemporaryFile`` gives it.
    """

    def __init__(self, usual: int) -> None:
        self._usual = usual

    def __get__(self, parser: MultiPartParser | None, kind: type[MultiPartParser]) -> int:
        return 0 if _IN_MEMORY.get() else self._usual


def forget(uploads: Iterable[UploadedFile]) -> None:
    """Take the visitor's uploads out of what Streamlit holds, once something else holds them.

    Streamlit itself keeps them until the session ends, also where their uploader has gone.
    """
    context = get_script_run_ctx()
    if context is None or not isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        return
    for upload in uploads:
        context.uploaded_file_mgr.remove_file(context.session_id, upload.file_id)
