"""Retrieve (WADO-RS, PS3.18 10.4): the bytes of one image, as the PACS holds them.

``dicomweb-client`` gives a parsed data set. Here a file from outside is parsed by the readers
alone, in their own process; so the one part of the answer is cut out of it, and nothing more.
"""

from email.message import Message

import requests

from xray_app.core import InputError, PacsError
from xray_app.pacs.connection import Connection, refusals
from xray_app.pacs.records import Place
from xray_app.pacs.settings import Settings
from xray_app.readers import MAX_FILE_BYTES, uids_isolated

_MULTIPART, _DICOM = "multipart/related", "application/dicom"
_ACCEPT = f'{_MULTIPART}; type="{_DICOM}"; transfer-syntax=*'
_HEADERS_BYTES = 100_000


def retrieve(settings: Settings, place: Place) -> bytes:
    """The DICOM file of one image.

    Raises:
        PacsError: the server doesn't send it, sends a part of it, or sends another image.
        XrayAppError: no process could be started to look at its UIDs.
    """
    url = f"{settings.url}/studies/{place.study}/series/{place.series}/instances/{place.instance}"
    most = MAX_FILE_BYTES + _HEADERS_BYTES
    with refusals(settings), Connection(settings, most, (_MULTIPART, _DICOM)) as connection:
        answer = connection.get(url, headers={"Accept": _ACCEPT})
    data = _file(answer)
    _check(data, place)
    return data


def _file(answer: requests.Response) -> bytes:
    kind = answer.headers.get("Content-Type", "")
    if kind.lower().startswith(_DICOM):  # against the standard, but some servers do
        return answer.content
    return only_part(kind, answer.content)


def only_part(kind: str, body: bytes) -> bytes:
    r"""The content of the one part of a multipart message: RFC 2046 5.1.

    Args:
        kind: the media type, with the boundary between parts.
        body: the message.

    Raises:
        PacsError: it has no part, several, or no end.

    >>> only_part("multipart/related; boundary=x", b"--x\r\nA: b\r\n\r\nfile\r\n--x--")
    b'file'
    """
    header = Message()
    header["Content-Type"] = kind
    boundary = header.get_boundary()
    if not boundary:
        raise PacsError("Expected an image in parts from the PACS, received no boundary.")
    marker = f"--{boundary}".encode()
    first = 0 if body.startswith(marker) else body.find(b"\r\n" + marker)
    start = -1 if first < 0 else body.find(b"\r\n\r\n", first + len(marker))
    if start < 0:
        raise PacsError("Expected one image from the PACS, received an answer without any.")
    end = body.find(b"\r\n" + marker, start + 4)
    if end < 0:
        raise PacsError("The PACS sent a part of the image only: its end is missing. Try again.")
    if not body.startswith(b"--", end + 2 + len(marker)):
        raise PacsError("Expected one image from the PACS, received several.")
    return body[start + 4 : end]


def _check(data: bytes, place: Place) -> None:
    try:
        found = uids_isolated(data)
    except InputError as error:
        raise PacsError(
            "Expected a DICOM file from the PACS, received one that can't be read so: "
            f"{str(error)[0].lower()}{str(error)[1:]}"
        ) from error
    got = found["StudyInstanceUID"], found["SeriesInstanceUID"], found["SOPInstanceUID"]
    if got != (place.study, place.series, place.instance):
        raise PacsError("The PACS sent another image than the one asked for; it is not used.")
