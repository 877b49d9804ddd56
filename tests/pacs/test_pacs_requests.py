"""What a PACS is asked, and how what it answers is read."""

import gzip
import json
import logging
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.documents.made import source
from tests.pacs.servers import (
    INSTANCE,
    MULTIPART,
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
from xray_app.__main__ import main
from xray_app.batch.inputs import LeftOut, find_inputs
from xray_app.pacs import Image, Query, Study, find_images, find_studies, retrieve


@pytest.mark.parametrize(
    "kind", [MULTIPART, 'Multipart/Related; boundary="b"', "application/dicom"]
)
def test_an_image_comes_byte_by_byte_as_it_is(kind: str) -> None:
    data = source()
    body = data if kind == "application/dicom" else part(data)
    with serving(sent(body, kind)) as server:
        assert retrieve(server.settings(), PLACE) == data
    path, headers, _ = server.came[0]
    assert path == f"/dicom-web/studies/{STUDY}/series/{PLACE.series}/instances/{INSTANCE}"
    assert "transfer-syntax=*" in headers["Accept"]  # not decompressed on the way
    assert headers["Host"] == f"127.0.0.1:{server.server_port}"


def test_chunks_and_compression_are_understood() -> None:
    packed = gzip.compress(part(source()))

    def chunked(handler: Handler) -> None:
        handler.protocol_version = "HTTP/1.1"
        handler.give(
            kind=MULTIPART, Content_Length="", Transfer_Encoding="chunked", Content_Encoding="gzip"
        )
        for piece in (packed[:100], packed[100:]):
            handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        handler.wfile.write(b"0\r\n\r\n")

    with serving(chunked) as server:
        assert retrieve(server.settings(), PLACE) == source()


@pytest.mark.parametrize(
    ("login", "header"),
    [
        ({}, None),
        ({"login": "basic", "user": "ä", "password": "b"}, "Basic w6Q6Yg=="),  # base64 of UTF-8
        ({"login": "bearer", "token": "abc.d"}, "Bearer abc.d"),
    ],
)
def test_the_login_is_sent(login: dict[str, str], header: str | None) -> None:
    with serving(lambda h: h.give_json([])) as server:
        find_studies(server.settings(**login), QUERY)
    assert server.came[0][1].get("Authorization") == header


def test_the_environment_of_other_programs_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serving(lambda h: h.give_json([])) as server:
        assert find_studies(server.settings(), QUERY) == []
    assert "Authorization" not in server.came[0][1]


def test_what_is_looked_for_stands_in_the_question_alone(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """By protocol the search is part of the address of the request, but no log holds it."""
    caplog.set_level(logging.DEBUG)
    row = {
        "0020000D": {"vr": "UI", "Value": [STUDY]},
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Quintessa^Zebulon"}]},
        "00080061": {"vr": "CS", "Value": ["DX", "SR"]},
        "00201208": {"vr": "IS", "Value": [2]},
    }
    pages = iter([[row], []])
    with serving(lambda h: h.give_json(next(pages))) as server:
        (study,) = find_studies(server.settings(), QUERY)
    assert (study.name, study.modalities, study.instances) == (
        "Quintessa^Zebulon", ("DX", "SR"), 2
    )  # fmt: skip
    path = server.came[0][0]
    assert "PatientName=Quintessa*" in path and "PatientID=PID-778899" in path
    assert "ModalitiesInStudy=DX" in path
    said = [record.getMessage() for record in caplog.records]
    assert all(no_secret(text) for text in (*said, *capfd.readouterr(), repr(QUERY)))
    assert no_secret(repr(study).replace(STUDY, ""))


def test_a_server_that_knows_no_pages_is_not_asked_for_ever() -> None:
    row = {"0020000D": {"Value": ["1.2"]}}
    with serving(lambda h: h.give_json([row])) as server:
        assert [study.uid for study in find_studies(server.settings(), QUERY)] == ["1.2"]
    assert [("offset=1" in path) for path, *_ in server.came] == [False, True]


def many_studies(count: int) -> Answer:
    """A server that lists the oldest of its studies first, each with one radiograph."""

    def answer(handler: Handler) -> None:
        path, _, question = handler.path.partition("?")
        asked = parse_qs(question)
        if path.endswith("/instances"):
            handler.give_json([{"00080018": {"Value": [INSTANCE]}}])
        elif path.endswith("/series"):
            row = {"0020000E": {"Value": ["1.5"]}, "00080060": {"Value": ["DX"]}}
            handler.give_json([row])
        else:
            start = int(asked.get("offset", ["0"])[0])
            end = min(count, start + int(asked["limit"][0]))
            handler.give_json(
                [
                    {
                        "0020000D": {"Value": [f"1.{n + 1}"]},
                        "00080020": {"Value": [f"202601{n + 1:02d}"]},
                    }
                    for n in range(start, end)
                ]
            )

    return answer


@pytest.mark.parametrize(("count", "has_more"), [(2, False), (3, False), (4, True)])
def test_it_is_said_where_the_server_has_more(
    count: int,
    has_more: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of a server that lists the oldest first these are not the newest: none says so."""
    sentence = "The first 3 studies that the server listed; narrow the search or raise"
    with serving(many_studies(count)) as server:
        monkeypatch.setenv("XRAY_APP_PACS_URL", server.settings().url)
        found = find_studies(server.settings(), Query(modality="DX", limit=3))
        status = main(["pacs", "find", "--modality", "DX", "--limit", "3", "--json"])
        said = capsys.readouterr()
        left_out = LeftOut()
        items = list(find_inputs(["dicomweb://?modality=DX&limit=3"], left_out=left_out))
    assert found.has_more == has_more
    assert [study.uid for study in found] == [f"1.{n}" for n in range(min(3, count), 0, -1)]
    assert (status, len(json.loads(said.out)), len(items)) == (0, min(3, count), min(3, count))
    assert said.err == (f"{sentence} --limit.\n" if has_more else "")
    expected = [f"{sentence} its limit (limit=N in the address)."] if has_more else []
    assert left_out.notices == expected


def test_only_radiographs_of_a_study_are_listed() -> None:
    def answer(handler: Handler) -> None:
        if handler.path.endswith("/instances"):
            rows = [{"00080018": {"Value": [INSTANCE]}, "00280010": {"Value": [48]}}]
        else:
            rows = [
                {"0020000E": {"Value": ["1.5"]}, "00080060": {"Value": [kind]}}
                for kind in ("DX", "SR", "CT")
            ]
        handler.give_json(rows)

    study = Study(STUDY, "", "", "", "20240506", "", (), None)
    with serving(answer) as server:
        (image,) = find_images(server.settings(), study)
    assert image == Image(image.place, "DX", "20240506", "", 48, None)
    assert (image.place.study, image.place.series, image.place.instance) == (STUDY, "1.5", INSTANCE)
    assert len(server.came) == 2  # nothing was asked of the series that hold no radiograph
