"""Uploads stay in memory, also on their way in, and no longer than they are needed."""

import re
import time
from collections import Counter
from collections.abc import Iterable
from contextvars import ContextVar
from typing import cast

from starlette.formparsers import MultiPartParser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

_IN_MEMORY: ContextVar[bool] = ContextVar("uploads_in_memory", default=False)


MAX_VISITOR_BYTES = 600_000_000  # of all files that a visitor has on the pages at a time
_TOO_MUCH = (
    f"Expected at most {MAX_VISITOR_BYTES // 1_000_000} MB of files at a time, received more: the "
    "files marked red were refused. Take some away, then add them again."
)
_TOLD_SECONDS = 60.0
_refused: dict[str, float] = {}  # when an upload of a session last was
_UPLOAD = re.compile(r"/_stcore/upload_file/(?P<session>[^/]+)/(?P<file>[^/]+)$")


class _TooMuch(Exception):
    """The visitor's files would be too many bytes."""


class UploadsInMemory:
    """ASGI middleware: uploads are bounded a visitor, and none is spooled to the disk.

    Streamlit's server reads an upload with Starlette's form parser, which moves a file above 1 MB
    to a temporary file on the disk before Streamlit takes it into memory. Streamlit passes no
    parser and no size on, so the parser's class asks here; the requests of other applications in
    the process get the usual size. ``server.maxUploadSize`` is enforced while the body comes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._arriving: Counter[str] = Counter()  # bytes by session
        usual = MultiPartParser.__dict__["spool_max_size"]
        if not isinstance(usual, _SpoolSize):
            MultiPartParser.spool_max_size = cast("int", _SpoolSize(usual))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        token = _IN_MEMORY.set(True)
        upload = _UPLOAD.search(scope["path"]) if scope.get("method") == "PUT" else None
        try:
            if upload:
                await self._take(upload["session"], upload["file"], scope, receive, send)
            else:
                await self._app(scope, receive, send)
        finally:
            _IN_MEMORY.reset(token)

    async def _take(
        self, session: str, file: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Pass an upload on, unless its visitor would hold too much with it."""
        announced = int(dict(scope["headers"]).get(b"content-length", b"0") or 0)
        came = 0

        async def receive_counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            self._arriving[session] += len(message.get("body", b""))
            if self._held(session, file) > MAX_VISITOR_BYTES:
                raise _TooMuch
            return message

        refusal = PlainTextResponse(_TOO_MUCH, 413)
        if self._held(session, file) + announced > MAX_VISITOR_BYTES:
            _note_refusal(session)
            await refusal(scope, receive, send)
            return
        try:
            await self._app(scope, receive_counted, send)
        except _TooMuch:
            _note_refusal(session)
            await refusal(scope, receive, send)
        finally:
            self._arriving[session] -= came
            if not self._arriving[session]:
                del self._arriving[session]

    def _held(self, session: str, file: str) -> int:
        """Bytes of this visitor's files, those on their way too; one sent anew counts once."""
        manager = get_instance().uploaded_file_mgr
        assert isinstance(manager, MemoryUploadedFileManager)
        files = dict(manager.file_storage.get(session, {}))
        kept = sum(len(record.data) for name, record in files.items() if name != file)
        return kept + self._arriving[session]


class _SpoolSize:
    """The attribute of the parser: bytes in memory at most, where 0 means any number.

    0 is the meaning that ``tempfile.SpooledTemporaryFile`` gives it.
    """

    def __init__(self, usual: int) -> None:
        self._usual = usual

    def __get__(self, parser: MultiPartParser | None, kind: type[MultiPartParser]) -> int:
        return 0 if _IN_MEMORY.get() else self._usual


def refused_upload() -> str | None:
    """What to tell a visitor one of whose uploads was just refused; None if none was."""
    context = get_script_run_ctx()
    refused = None if context is None else _refused.get(context.session_id)
    is_new = refused is not None and time.monotonic() - refused < _TOLD_SECONDS
    return _TOO_MUCH if is_new else None


def _note_refusal(session: str) -> None:
    """Keep it for as long as it is told, and no older one, whoever's it is."""
    now = time.monotonic()
    for other in [key for key, at in _refused.items() if now - at >= _TOLD_SECONDS]:
        del _refused[other]
    _refused[session] = now


def forget(uploads: Iterable[UploadedFile]) -> None:
    """Take the visitor's uploads out of what Streamlit holds, once something else holds them.

    Streamlit itself keeps them until the session ends, also where their uploader has gone.
    """
    context = get_script_run_ctx()
    if context is None or not isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        return
    for upload in uploads:
        context.uploaded_file_mgr.remove_file(context.session_id, upload.file_id)
