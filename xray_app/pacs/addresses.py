"""How the command line names what lies in the PACS.

``dicomweb://STUDY/SERIES/INSTANCE`` is one image by its UIDs; ``dicomweb://?modality=DX&since=…``
is all that a search finds. The server is the one that the environment names, so no address does.
"""

from urllib.parse import parse_qsl, urlsplit

from xray_app.core import InputError, UnknownChoice
from xray_app.pacs.records import Place, Query, day

ADDRESS = "dicomweb://"
_KEYS = ("name", "id", "accession", "since", "until", "modality", "limit")
_MOST = 1000


def is_address(text: str) -> bool:
    """Whether a text names something in the PACS.

    >>> is_address("dicomweb://?modality=DX"), is_address("films/a.dcm")
    (True, False)
    """
    return text.startswith(ADDRESS)


def place_of(address: str) -> Place:
    """The image that an address, or its part after ``dicomweb://``, names.

    Raises:
        InputError: it is none.

    >>> place_of("dicomweb://1.2/3.4/5.6")
    Place(study='1.2', series='3.4', instance='5.6')
    """
    from xray_app.readers.dicom import is_uid_like

    parts = address.removeprefix(ADDRESS).split("/")
    if len(parts) != 3 or not all(map(is_uid_like, parts)):
        raise InputError(
            f"Expected {ADDRESS}STUDY/SERIES/INSTANCE with three UIDs, as `pacs find` lists them, "
            "received another address."
        )
    return Place(*parts)


def query_of(address: str) -> Query:
    """What an address with a filter looks for.

    Raises:
        InputError: it names a server, no filter, or one that can't be looked for; the sentence
            doesn't quote it.

    >>> query_of("dicomweb://?modality=DX&since=2026-01-01").modality
    'DX'
    """
    if "#" in address:
        raise InputError(
            "Expected an address without #, behind which all would be lost. Write # as %23."
        )
    parts = urlsplit(address)
    if parts.netloc or parts.path.strip("/"):
        raise InputError(
            f"Expected {ADDRESS}?modality=DX&since=2026-01-01 and the like, without a server: "
            "XRAY_APP_PACS_URL names it."
        )
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    given = dict(pairs)
    for key in given:
        if key not in _KEYS:
            raise UnknownChoice.of("filter", key, _KEYS)
    if len(given) < len(pairs):
        raise InputError(
            "Expected each filter once, received one twice. Write an address for each value, and & "
            "in a value as %26."
        )
    query = Query(
        given.get("name", ""),
        given.get("id", ""),
        given.get("accession", ""),
        day(given.get("since", "")),
        day(given.get("until", "")),
        given.get("modality", "").upper(),
        _limit(given.get("limit", str(_MOST))),
    )
    if query.is_empty:
        raise InputError(
            f"Expected a filter such as {ADDRESS}?modality=DX&since=2026-01-01, received none: "
            "that would be the whole PACS."
        )
    return query


def _limit(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise InputError(f"Expected a whole number of studies, received {text!r}.") from error
