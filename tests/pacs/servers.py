"""A small HTTP server on a loopback port that answers as a test wants."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydicom import Dataset, dcmread

from tests.documents.made import secrets
from xray_app.pacs import Query
from xray_app.pacs.records import Place
from xray_app.pacs.settings import Settings

Answer = Callable[["Handler"], None]
STUDY, SERIES, INSTANCE = (f"1.2.826.0.1.3680043.8.498.{end}" for end in (111, 222, 333))
PLACE = Place(STUDY, SERIES, INSTANCE)
QUERY = Query(name="Quintessa", patient_id="PID-778899", modality="DX")
JSON, MULTIPART = (
    "application/dicom+json",
    'multipart/related; type="application/dicom"; boundary=b',
)


class Handler(BaseHTTPRequestHandler):
    """Gives every request to the server's ``answer``; keeps its path and headers."""

    server: "Server"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.came.append((self.path, dict(self.headers), body))
        self.server.answer(self)

    do_POST = do_GET  # noqa: N815 - the name that http.server calls

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def give(self, status: int = 200, kind: str = JSON, body: bytes = b"", **headers: str) -> None:
        """Answer whole, unless ``headers`` say otherwise."""
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            if value:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def give_json(self, value: Any) -> None:
        self.give(body=json.dumps(value).encode())


class Server(ThreadingHTTPServer):
    """Also remembers what was asked."""

    daemon_threads = True

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.came: list[tuple[str, dict[str, str], bytes]] = []

    def handle_error(self, *_: Any) -> None:
        """A client that went away is what some tests are about."""

    def settings(self, **changes: Any) -> Settings:
        return Settings(f"http://127.0.0.1:{self.server_port}/dicom-web", **changes)


@contextmanager
def serving(answer: Answer) -> Iterator[Server]:
    with Server(answer) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


def part(content: bytes, end: bytes = b"\r\n--b--\r\n") -> bytes:
    """A multipart message with one part."""
    return b"--b\r\nContent-Type: application/dicom\r\n\r\n" + content + end


def small_pacs(*files: bytes) -> Answer:
    """A PACS of one study of one series that holds these files, and takes what is stored."""
    datasets = [dcmread(io.BytesIO(data)) for data in files]

    def rows(*keywords: str) -> list[dict[str, Any]]:
        found = []
        for dataset in datasets:
            kept = Dataset()
            for keyword in keywords:
                if keyword in dataset:
                    kept[keyword] = dataset[keyword]
            found.append(kept.to_json_dict())
        return found

    def answer(handler: Handler) -> None:
        parts = handler.path.partition("?")[0].split("/")[2:]
        if handler.command == "POST":
            handler.give_json(_stored(handler.server.came[-1][2]))
        elif len(parts) == 1:
            first = rows("StudyInstanceUID", "PatientName", "PatientID", "StudyDate")[:1]
            for row in first:  # NumberOfStudyRelatedInstances
                row["00201208"] = {"vr": "IS", "Value": [len(datasets)]}
            handler.give_json([] if "offset=1" in handler.path else first)
        elif len(parts) == 3:
            handler.give_json(rows("SeriesInstanceUID", "Modality")[:1])
        elif len(parts) == 5:
            handler.give_json(rows("SOPInstanceUID", "Rows", "Columns"))
        else:
            uids = [str(dataset.SOPInstanceUID) for dataset in datasets]
            handler.give(kind=MULTIPART, body=part(files[uids.index(parts[5])]))

    return answer


def stored_objects(body: bytes) -> list[Dataset]:
    """The data sets in a multipart message."""
    marker = body.split(b"\r\n", 2)[1]
    parts = [one.partition(b"\r\n\r\n")[2] for one in body.split(b"\r\n" + marker)[1:-1]]
    return [dcmread(io.BytesIO(one)) for one in parts]


def _stored(body: bytes) -> dict[str, Any]:
    answer, items = Dataset(), []
    for dataset in stored_objects(body):
        item = Dataset()
        item.ReferencedSOPClassUID = dataset.SOPClassUID
        item.ReferencedSOPInstanceUID = dataset.SOPInstanceUID
        items.append(item)
    answer.ReferencedSOPSequence = items
    found: dict[str, Any] = answer.to_json_dict()
    return found


def no_secret(text: str) -> bool:
    return "\n" not in text and not any(word in text.encode() for word in secrets())


def sent(body: bytes, kind: str = MULTIPART, **headers: str) -> Answer:
    return lambda handler: handler.give(kind=kind, body=body, **headers)
