"""One visitor of the running app, over its own websocket and endpoints: a browser without a screen.

What a page's script does in the browser is done here with Streamlit's own protobufs: connect, send
the widgets' values, collect the elements that come back, upload a file, ask for a download.
"""

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs, UploadedFileInfo
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

_XSRF = "_streamlit_xsrf"
_WAITING = "Waiting: "  # how the page begins to say how many come first


class VisitorError(Exception):
    """The server did not do what a visitor may expect of it."""


class Visitor:
    """A session of its own on the server at ``address`` ("http://host:port").

    Attributes:
        elements: what the page showed at the end of the last script run, in order of arrival.
        waited: how many script runs said on their way that others come first.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        # The server closes a connection that was idle for 5 s; one about to be closed is not used.
        limits = httpx.Limits(keepalive_expiry=2)
        self._http = httpx.AsyncClient(base_url=address, timeout=120, limits=limits)
        self._socket: ClientConnection | None = None
        self._token = ""
        self._session = ""
        self._states: dict[str, WidgetState] = {}
        self.elements: dict[tuple[int, ...], Element] = {}
        self.waited = 0

    async def open(self) -> None:
        """Connect and let the page be drawn for the first time."""
        answer = await self._http.get("/_stcore/health")
        self._token = answer.cookies[_XSRF]
        self._socket = await connect(
            self._address.replace("http", "ws", 1) + "/_stcore/stream",
            subprotocols=["streamlit", self._token],
            origin=self._address,
            additional_headers={"Cookie": f"{_XSRF}={self._token}"},
            max_size=None,
        )
        await self.rerun()

    async def close(self) -> None:
        """Leave, as by closing the tab."""
        if self._socket is not None:
            await self._socket.close()
        await self._http.aclose()

    async def rerun(self) -> float:
        """Send the widgets' values and wait for the end of the script run; seconds that it took."""
        message = BackMsg()
        message.rerun_script.widget_states.widgets.extend(self._states.values())
        start = time.perf_counter()
        await self._send(message)
        self.elements = {}
        was_waiting = False
        async for received in self._received():
            kind = received.WhichOneof("type")
            if kind == "new_session":
                self._session = received.new_session.initialize.session_id
                self.elements = {}
            elif kind == "delta":
                path = tuple(received.metadata.delta_path)
                was_waiting |= _WAITING in str(received.delta.new_transient)
                if received.delta.WhichOneof("type") == "new_element":
                    element = received.delta.new_element
                    was_waiting |= _WAITING in element.markdown.body + element.alert.body
                    self.elements[path] = element
            elif kind == "script_finished":
                if received.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    continue
                self.waited += was_waiting
                return time.perf_counter() - start
        raise VisitorError("the server closed the connection")

    def choose(self, label: str, option: str) -> None:
        """Set a selectbox for the next rerun; ``option`` as it is shown."""
        for box in self.found("selectbox"):
            if box.label == label:
                if option not in box.options:
                    raise VisitorError(f"{label} has no option {option!r}")
                self._states[box.id] = WidgetState(id=box.id, string_value=option)
                return
        raise VisitorError(f"no selectbox {label!r}: {self.text()[:300]}")

    def options(self, label: str) -> list[str]:
        """What a selectbox offers."""
        return next(list(box.options) for box in self.found("selectbox") if box.label == label)

    async def upload(self, name: str, data: bytes) -> None:
        """Put a file into the first file uploader, for the next rerun."""
        message = BackMsg()
        message.file_urls_request.request_id = uuid.uuid4().hex
        message.file_urls_request.file_names.append(name)
        message.file_urls_request.session_id = self._session
        await self._send(message)
        urls: FileURLs = (await self._first("file_urls_response")).file_urls[0]
        answer = await self._http.put(
            urls.upload_url,
            files={"file": (name, data, "image/png")},
            headers={"X-Xsrftoken": self._token, "Cookie": f"{_XSRF}={self._token}"},
        )
        if answer.status_code != httpx.codes.NO_CONTENT:
            raise VisitorError(f"upload answered {answer.status_code}: {answer.text[:200]}")
        uploader = next(self.found("file_uploader"), None)
        if uploader is None:
            raise VisitorError(f"no file uploader: {self.text()[:300]}")
        info = UploadedFileInfo(name=name, size=len(data), file_id=urls.file_id, file_urls=urls)
        state = WidgetState(id=uploader.id)
        state.file_uploader_state_value.uploaded_file_info.append(info)
        self._states[uploader.id] = state

    async def download_json(self, label: str) -> dict[str, Any]:
        """Click the download button ``label`` and read what it sends."""
        button = next((b for b in self.found("download_button") if b.label == label), None)
        if button is None:
            raise VisitorError(f"no download button {label!r}: {self.text()[:300]}")
        answer = await self._http.get(button.url or await self._made_now(button.deferred_file_id))
        content: dict[str, Any] = json.loads(answer.raise_for_status().text)
        return content

    async def _made_now(self, file_id: str) -> str:
        message = BackMsg()
        message.backend_operation_request.request_id = uuid.uuid4().hex
        message.backend_operation_request.session_id = self._session
        message.backend_operation_request.deferred_file.file_id = file_id
        await self._send(message)
        url: str = (await self._first("backend_operation_response")).deferred_file.url
        return url

    def found(self, kind: str) -> Iterator[Any]:
        """All elements of a kind, in the order in which they stand on the page."""
        for _, element in sorted(self.elements.items()):
            if element.WhichOneof("type") == kind:
                yield getattr(element, kind)

    def text(self) -> str:
        """What is written in headings, alerts, paragraphs and captions."""
        bodies = [a.body for kind in ("heading", "alert", "markdown") for a in self.found(kind)]
        captions = [image.caption for images in self.found("imgs") for image in images.imgs]
        return "\n".join([*bodies, *captions, *(e.message for e in self.found("exception"))])

    async def _send(self, message: BackMsg) -> None:
        if self._socket is None:
            raise VisitorError("the page is not open")
        await self._socket.send(message.SerializeToString())

    async def _first(self, kind: str) -> Any:
        async for received in self._received():
            if received.WhichOneof("type") == kind:
                return getattr(received, kind)
        raise VisitorError("the server closed the connection")

    async def _received(self) -> Any:
        if self._socket is None:
            raise VisitorError("the page is not open")
        async for data in self._socket:
            message = ForwardMsg()
            message.ParseFromString(data)
            yield message
