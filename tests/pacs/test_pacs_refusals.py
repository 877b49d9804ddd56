"""What a PACS can do wrong costs one sentence, which names no patient."""

import gzip
import socket
import ssl
import time
from functools import lru_cache
from pathlib import Path

import pytest

from tests.documents.made import report_of, source
from tests.pacs.servers import (
    JSON,
    PLACE,
    QUERY,
    STUDY,
    Answer,
    Handler,
    no_secret,
    part,
    sent,
    serving,
)
from xray_app.core import InputError, PacsError
from xray_app.documents.dicom import dicom_export
from xray_app.pacs import Settings, find_studies, retrieve, searching, store
from xray_app.pacs import retrieving as retrieving_module
from xray_app.readers import read_radiograph

CERTIFICATE = Path(__file__).parent / "loopback.pem"


def slow(handler: Handler) -> None:
    time.sleep(3)


def dripping(handler: Handler) -> None:
    """Never silent for a second, never done."""
    handler.give(kind=JSON, body=b"[", Content_Length="100000")
    for _ in range(30):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


def dripping_headers(handler: Handler) -> None:
    for character in "HTTP/1.1 200 OK\r\nServer: slow, slow, slow":
        handler.wfile.write(character.encode())
        handler.wfile.flush()
        time.sleep(0.1)


def closing(handler: Handler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


FAULTS: dict[str, tuple[Answer, str]] = {
    "closed": (closing, "closed the connection without an answer"),
    "slow": (slow, "did not answer within 1 s"),
    "dripping": (dripping, "did not answer within 1 s"),
    "dripping headers": (dripping_headers, "did not answer within 1 s"),
    "401": (lambda h: h.give(401), "refuses the login (401)"),
    "403": (lambda h: h.give(403), "forbids this to the login"),
    "404": (lambda h: h.give(404, "text/html"), "has nothing at that address (404)"),
    "500": (lambda h: h.give(500), "answers with the error 500"),
    "503": (lambda h: h.give(503), "Try again in a minute"),
    "elsewhere": (
        lambda h: h.give(302, Location="http://127.0.0.1:9/login"), "points to another address"
    ),
    "a web page": (lambda h: h.give(kind="text/html", body=b"<html>"), "answers with a web page"),
    "another kind": (lambda h: h.give(kind="image/png", body=b"x"), "another kind of answer"),
    "no kind": (lambda h: h.give(kind="", body=b"x"), "another kind of answer"),
    "half": (lambda h: h.give(body=b"[{", Content_Length="9000"), "broke off in the middle"),
    "broken JSON": (lambda h: h.give(body=b'[{"0010'), "damaged or cut short"),
    "nested": (lambda h: h.give(body=b"[" * 200_000), "can't be read"),
    "a huge number": (lambda h: h.give(body=b"[" + b"9" * 5000 + b"]"), "can't be read"),
    "bad gzip": (lambda h: h.give(body=b"[]", Content_Encoding="gzip"), "broke off in the middle"),
    "no list": (lambda h: h.give_json([1, 2]), "received something else"),
    "no UID": (lambda h: h.give_json([{"0020000D": {"Value": ["../x"]}}]), "Expected a UID"),
    "strange": (lambda h: h.give_json([{"0020000D": {"Value": {"a": 1}}}]), "Expected a UID"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_search_that_goes_wrong_costs_one_sentence(fault: str) -> None:
    answer, sentence = FAULTS[fault]
    with serving(answer) as server:
        with pytest.raises(PacsError) as caught:
            find_studies(server.settings(seconds=1), QUERY)
        assert sentence in str(caught.value)
        assert no_secret(str(caught.value))
        assert caught.value.__suppress_context__ or caught.value.__cause__ is None
        assert len(server.came) == 1  # asked once, and nothing else after that


def test_a_server_that_is_down() -> None:
    with serving(slow) as server:
        settings = server.settings()
    for ask in (lambda: find_studies(settings, QUERY), lambda: retrieve(settings, PLACE)):
        with pytest.raises(PacsError, match="can't be reached"):
            ask()


RETRIEVALS: dict[str, tuple[Answer, str]] = {
    "forbidden": (lambda h: h.give(403), "forbids this"),
    "a web page": (sent(b"<html>", "text/html"), "web page"),
    "JSON": (sent(b"[]", JSON), "another kind of answer"),
    "half": (sent(part(source())[:900], Content_Length="9000"), "broke off in the middle"),
    "half, and no length": (
        sent(part(source(), b""), Content_Length="", Connection="close"), "its end is missing"
    ),
    "no part": (sent(b"nothing"), "without any"),
    "no boundary": (sent(part(source()), "multipart/related"), "no boundary"),
    "several": (sent(part(source(), b"\r\n--b\r\n\r\nx\r\n--b--")), "received several"),
    "another image": (sent(part(source(SOPInstanceUID="1.2.3"))), "another image than the one"),
    "another study": (sent(part(source(StudyInstanceUID="1.2.3"))), "another image than the one"),
    "no DICOM": (sent(part(b"PNG")), "received another kind"),
    "empty": (sent(part(b"")), "empty file"),
}  # fmt: skip


@pytest.mark.parametrize("fault", RETRIEVALS)
def test_an_image_that_does_not_come_as_asked_is_not_used(fault: str) -> None:
    answer, sentence = RETRIEVALS[fault]
    with serving(answer) as server, pytest.raises(PacsError) as caught:
        retrieve(server.settings(), PLACE)
    assert sentence in str(caught.value)
    assert no_secret(str(caught.value))


def test_too_much_is_refused_while_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where little came that becomes much: 50 MB of zeros in 50 kB."""
    monkeypatch.setattr(retrieving_module, "MAX_FILE_BYTES", 1_000_000)
    bomb = gzip.compress(bytes(50_000_000))
    with (
        serving(sent(bomb, Content_Encoding="gzip")) as server,
        pytest.raises(PacsError, match="Expected at most 1 MB"),
    ):
        retrieve(server.settings(), PLACE)
    monkeypatch.setattr(searching, "MAX_ANSWER_BYTES", 1000)
    with (
        serving(lambda h: h.give(body=b"[" + b" " * 2000)) as server,
        pytest.raises(PacsError, match="Narrow the search"),
    ):
        find_studies(server.settings(), QUERY)


@lru_cache(maxsize=1)
def exported() -> list[bytes]:
    data = source()
    radiograph = read_radiograph(data, "x")
    return list(dicom_export(report_of(radiograph), radiograph, data).files.values())


STORED: dict[str, tuple[Answer, str]] = {
    "refused": (lambda h: h.give(409), "answers with the error 409"),
    "forbidden": (lambda h: h.give(403), "forbids this"),
    "none named": (lambda h: h.give_json({}), "confirmed 0 of 3"),
    "nothing said": (lambda h: h.give(kind=""), "confirmed 0 of 3"),
    "nonsense": (lambda h: h.give_json([[]]), "confirmed 0 of 3"),
    "other objects": (
        lambda h: h.give_json(
            {"00081199": {"vr": "SQ", "Value": [{"00081155": {"vr": "UI", "Value": ["1.2"]}}]}}
        ),
        "confirmed 0 of 3",
    ),
    "a web page": (lambda h: h.give(kind="text/html", body=b"<html>"), "web page"),
}


@pytest.mark.parametrize("fault", STORED)
def test_storing_that_goes_wrong_costs_one_sentence(fault: str) -> None:
    answer, sentence = STORED[fault]
    with serving(answer) as server, pytest.raises(PacsError) as caught:
        store(server.settings(), STUDY, exported())
    assert sentence in str(caught.value)
    assert no_secret(str(caught.value))


def test_objects_of_another_study_are_never_sent() -> None:
    with serving(lambda h: h.give_json({})) as server, pytest.raises(InputError, match="study"):
        store(server.settings(), "1.2.3", exported())
    assert not server.came


def test_a_server_must_prove_who_it_is() -> None:
    with serving(lambda h: h.give_json([])) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        url = f"https://127.0.0.1:{server.server_port}/dicom-web"
        with pytest.raises(PacsError, match="certificate is not trusted"):
            find_studies(Settings(url), QUERY)
        assert not server.came
        assert find_studies(Settings(url, authority=str(CERTIFICATE)), QUERY) == []
