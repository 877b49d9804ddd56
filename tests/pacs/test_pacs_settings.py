"""Which server, how to log in, what to look for: checked before anything is asked."""

import doctest
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from xray_app.core import InputError, XrayAppError
from xray_app.pacs import (
    Place,
    Query,
    addresses,
    connection,
    day,
    is_configured,
    pacs_settings,
    place_of,
    query_of,
    records,
    retrieving,
)
from xray_app.pacs.settings import Settings

URL = "https://pacs.example.org/dicom-web"
SECRET = "pass-4711-word"


def environment(**values: str) -> dict[str, str]:
    return {f"XRAY_APP_PACS_{name}": value for name, value in ({"URL": URL} | values).items()}


def test_without_an_address_there_is_none() -> None:
    assert not is_configured({}) and not is_configured(environment(URL=""))
    with pytest.raises(InputError, match="found none"):
        pacs_settings({})


def test_an_address_is_enough() -> None:
    assert pacs_settings(environment(URL=f"{URL}/")) == Settings(URL)
    assert pacs_settings(environment(URL="https://a:8443/x")).host == "a:8443"


def test_logins(tmp_path: Path) -> None:
    basic = pacs_settings(environment(LOGIN="basic", USER="u", PASSWORD=SECRET))
    assert (basic.login, basic.user, basic.password) == ("basic", "u", SECRET)
    (tmp_path / "token").write_text(f"{SECRET}\n")
    bearer = pacs_settings(environment(LOGIN="bearer", TOKEN_FILE=str(tmp_path / "token")))
    assert (bearer.login, bearer.token) == ("bearer", SECRET)
    assert SECRET not in repr(basic) + repr(bearer)
    # What belongs to another login is not sent.
    assert pacs_settings(environment(TOKEN=SECRET)).token == ""


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"URL": "pacs.example.org"}, "Expected an address such as"),
        ({"URL": "ftp://pacs.example.org"}, "Expected an address such as"),
        ({"URL": "https://a:99999"}, "Expected an address such as"),
        ({"URL": f"{URL}?a=b"}, "Expected an address such as"),
        ({"URL": f"https://me:{SECRET}@pacs.example.org"}, "no user and password in the address"),
        ({"URL": "http://pacs.example.org/rs"}, "Expected https://"),
        ({"LOGIN": "oauth"}, "expected one of basic, bearer, none"),
        ({"LOGIN": "basic", "USER": "u"}, "XRAY_APP_PACS_PASSWORD"),
        ({"LOGIN": "bearer", "TOKEN": f"{SECRET}\r\nX: y"}, "XRAY_APP_PACS_TOKEN"),
        ({"LOGIN": "bearer", "TOKEN_FILE": f"/nowhere/{SECRET}"}, "No such file"),
        ({"CA": f"/nowhere/{SECRET}"}, "found none there"),
        ({"SECONDS": "0"}, "from 1 to 600"),
        ({"SECONDS": "nan"}, "from 1 to 600"),
        ({"SECONDS": "soon"}, "from 1 to 600"),
    ],
)
def test_what_can_not_be_used_is_said(values: dict[str, str], sentence: str) -> None:
    with pytest.raises(XrayAppError) as caught:
        pacs_settings(environment(**values))
    assert sentence in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8042", "[::1]:8042"])
def test_without_encryption_only_on_this_machine_unless_allowed(host: str) -> None:
    assert pacs_settings(environment(URL=f"http://{host}/rs")).url == f"http://{host}/rs"
    far = environment(URL="http://orthanc:8042/rs", PLAIN_HTTP="allowed")
    assert pacs_settings(far).host == "orthanc:8042"


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        (Query(modality="DX"), [{"ModalitiesInStudy": "DX"}]),
        (
            Query(patient_id="7"),
            [{"PatientID": "7", "ModalitiesInStudy": m} for m in ("CR", "DX", "DR")],
        ),
        (
            Query(name="Doe, J", since=date(2026, 1, 2), modality="CR"),
            [{"PatientName": "Doe?J*", "StudyDate": "20260102-", "ModalitiesInStudy": "CR"}],
        ),
        (
            Query(name="Doe^J*", until=date(2026, 1, 2), accession="A1", modality="CR"),
            [{"PatientName": "Doe?J*", "StudyDate": "-20260102", "AccessionNumber": "A1",
              "ModalitiesInStudy": "CR"}],
        ),
        (
            Query(since=date(2026, 1, 2), until=date(2026, 1, 2), modality="CR"),
            [{"StudyDate": "20260102", "ModalitiesInStudy": "CR"}],
        ),
    ],
)  # fmt: skip
def test_what_the_server_is_asked(query: Query, filters: list[dict[str, str]]) -> None:
    assert list(query.filters()) == filters


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"modality": "CT"}, "Unknown modality 'CT'"),
        ({"name": "x" * 65}, "at most 64 characters"),
        ({"patient_id": "SECRET\\7"}, "without a backslash"),
        ({"patient_id": "SECRET*"}, "whole ID"),
        ({"accession": "a\nb"}, "accession number"),
        ({"limit": 0}, "limit from 1"),
        ({"since": date(2026, 2, 1), "until": date(2026, 1, 1)}, "first day before"),
    ],
)
def test_what_can_not_be_looked_for_is_said(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(XrayAppError) as caught:
        Query(**fields)
    assert sentence in str(caught.value)
    assert "SECRET" not in str(caught.value)


def test_addresses_of_the_command_line() -> None:
    assert place_of("dicomweb://1.2/3.4/5.6") == Place("1.2", "3.4", "5.6")
    assert str(place_of("1.2/3.4/5.6")) == "1.2/3.4/5.6"
    query = query_of("dicomweb://?id=7&since=2026-01-02&until=20260103&modality=dx&limit=9")
    assert query == Query(
        patient_id="7", since=day("20260102"), until=date(2026, 1, 3), modality="DX", limit=9
    )
    assert query_of("dicomweb://?modality=CR").limit == 1000


@pytest.mark.parametrize(
    "address",
    [
        "dicomweb://", "dicomweb://?", "dicomweb://pacs.example.org/rs?id=7", "dicomweb://?pid=7",
        "dicomweb://?since=yesterday", "dicomweb://?limit=all", "dicomweb://?name=",
        "dicomweb://?name=*", "dicomweb://?name=?%20?", "dicomweb://?modality=",
        "dicomweb://?since=&modality=", "dicomweb://?limit=5", "dicomweb://?name=,^*&limit=9",
        "dicomweb://?modality=CR&modality=DX", "dicomweb://?modality&modality=DX",
        "dicomweb://?name=a#b&modality=CR", "dicomweb://?modality=CR#",
    ],
)  # fmt: skip
def test_an_address_that_says_too_little_or_too_much(address: str) -> None:
    with pytest.raises(XrayAppError):
        query_of(address)


def test_what_stands_behind_a_number_sign_or_twice_is_not_dropped() -> None:
    assert query_of("dicomweb://?accession=A%237%26b").accession == "A#7&b"
    with pytest.raises(XrayAppError, match="Write # as %23"):
        query_of("dicomweb://?accession=A#7&modality=CR")
    with pytest.raises(XrayAppError, match="each filter once"):
        query_of("dicomweb://?modality=CR&modality=DX")


@pytest.mark.parametrize("address", ["1.2/3.4", "1.2/3.4/../x", "a/b/c", "1.2/3.4/5.6/7", ""])
def test_an_address_that_names_no_image(address: str) -> None:
    with pytest.raises(InputError, match="STUDY/SERIES/INSTANCE"):
        place_of(address)


@pytest.mark.parametrize("module", [addresses, connection, records, retrieving])
def test_examples_hold(module: ModuleType) -> None:
    tried = doctest.testmod(module)
    assert tried.attempted > 0 and tried.failed == 0


def test_who_has_no_pacs_waits_for_no_library_of_it() -> None:
    code = (
        "import sys, xray_app.commands.registry, xray_app.batch.inputs, xray_app.ui.navigation,"
        "xray_app.ui.widgets.downloads, xray_app.ui.session.resources;"
        "print([m for m in ('dicomweb_client', 'pydicom') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
