"""Search (QIDO-RS, PS3.18 10.6): studies by patient and day, then the radiographs in a study."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from xray_app.core import PacsError
from xray_app.pacs.connection import client, refusals
from xray_app.pacs.records import MODALITIES, Image, Place, Query, Study
from xray_app.pacs.settings import Settings
from xray_app.readers.dicom import is_uid_like

MAX_ANSWER_BYTES = 10_000_000
_PAGE = 100  # studies in one answer
_MOST_VALUES = 20  # of one element
_MOST_SERIES = 100  # of a study that are looked into
_FIELDS = ("StudyDescription", "ModalitiesInStudy", "NumberOfStudyRelatedInstances")
# Keywords as DICOM JSON writes them, by tag: PS3.18 F.2.2.
_TAGS = {
    "StudyDate": "00080020",
    "AccessionNumber": "00080050",
    "Modality": "00080060",
    "ModalitiesInStudy": "00080061",
    "StudyDescription": "00081030",
    "SeriesDescription": "0008103E",
    "PatientName": "00100010",
    "PatientID": "00100020",
    "SOPInstanceUID": "00080018",
    "StudyInstanceUID": "0020000D",
    "SeriesInstanceUID": "0020000E",
    "NumberOfStudyRelatedInstances": "00201208",
    "Rows": "00280010",
    "Columns": "00280011",
}
Row = Mapping[str, Any]


class Found(list[Study]):
    """The studies that were found, at most as many as asked for.

    Attributes:
        has_more: whether the server has others that match.
    """

    def __init__(self, studies: Iterable[Study], has_more: bool) -> None:
        super().__init__(studies)
        self.has_more = has_more


def more_sentence(limit: int, way: str) -> str:
    """What to say where there are more.

    >>> more_sentence(1000, "raise --limit")
    'The first 1,000 studies that the server listed; narrow the search or raise --limit.'
    """
    studies = "study" if limit == 1 else f"{limit:,} studies"
    return f"The first {studies} that the server listed; narrow the search or {way}."


def find_studies(settings: Settings, query: Query) -> Found:
    """Studies that match: the first that the server lists, shown from the newest to the oldest.

    A server lists in its own order, so where there are more than ``query.limit`` the newest may be
    among those that are not told. Where no modality is chosen, each is looked for by itself.

    Raises:
        PacsError: the server doesn't answer so.
    """
    found: dict[str, Study] = {}
    has_more = False
    for filters in query.filters():
        came = _matching(settings, filters, query.limit + 1)
        has_more |= len(came) > query.limit
        found |= islice(came.items(), query.limit)
    newest = sorted(found.values(), key=lambda study: study.date, reverse=True)
    return Found(newest[: query.limit], has_more or len(found) > query.limit)


def find_images(settings: Settings, study: Study, modality: str = "") -> list[Image]:
    """The radiographs of a study, in the order of the series and images.

    Args:
        settings: the server.
        study: as ``find_studies`` gave it.
        modality: one of ``MODALITIES``, or "" for each of them.

    Raises:
        PacsError: the server doesn't answer so.
    """
    wanted = (modality,) if modality else MODALITIES
    found = []
    with refusals(settings):
        answer = client(settings, MAX_ANSWER_BYTES).search_for_series(study.uid)
    fitting = [row for row in _rows(settings, answer) if _text(row, "Modality") in wanted]
    for series in fitting[:_MOST_SERIES]:
        with refusals(settings):
            answer = client(settings, MAX_ANSWER_BYTES).search_for_instances(
                study.uid, _uid(series, "SeriesInstanceUID")
            )
        found += [_image(study, series, row) for row in _rows(settings, answer)]
    return found


def all_images(
    settings: Settings, query: Query, cut: Callable[[], None] = lambda: None
) -> Iterator[Image]:
    """The radiographs of the studies that match, one after another.

    ``cut`` is called first if there are more studies than ``query.limit``.

    Raises:
        PacsError: the server doesn't answer so.
    """
    found = find_studies(settings, query)
    if found.has_more:
        cut()
    for study in found:
        yield from find_images(settings, study, query.modality)


def _matching(settings: Settings, filters: Mapping[str, str], limit: int) -> dict[str, Study]:
    """Studies by UID, asked for a page at a time: a server may give fewer than asked for."""
    found: dict[str, Study] = {}
    while len(found) < limit:
        with refusals(settings):
            answer = client(settings, MAX_ANSWER_BYTES).search_for_studies(
                limit=min(_PAGE, limit - len(found)),
                offset=len(found),
                fields=_FIELDS,
                search_filters=dict(filters),
            )
        came = {study.uid: study for study in map(_study, _rows(settings, answer))}
        if came.keys() <= found.keys():  # the end, or a server that doesn't know the offset
            break
        found |= came
    return found


def _rows(settings: Settings, answer: Any) -> list[Row]:
    if not isinstance(answer, list) or not all(isinstance(row, dict) for row in answer):
        raise PacsError(
            f"Expected a list of results from the PACS at {settings.host}, received something "
            "else. Check XRAY_APP_PACS_URL."
        )
    return answer


def _study(row: Row) -> Study:
    return Study(
        uid=_uid(row, "StudyInstanceUID"),
        name=_text(row, "PatientName"),
        patient_id=_text(row, "PatientID"),
        accession=_text(row, "AccessionNumber"),
        date=_text(row, "StudyDate"),
        description=_text(row, "StudyDescription"),
        modalities=tuple(map(_plain, _values(row, "ModalitiesInStudy"))),
        instances=_number(row, "NumberOfStudyRelatedInstances"),
    )


def _image(study: Study, series: Row, row: Row) -> Image:
    place = Place(study.uid, _uid(series, "SeriesInstanceUID"), _uid(row, "SOPInstanceUID"))
    return Image(
        place,
        _text(series, "Modality"),
        study.date,
        _text(series, "SeriesDescription"),
        _number(row, "Rows"),
        _number(row, "Columns"),
    )


def _uid(row: Row, keyword: str) -> str:
    """A UID, which becomes part of the next address: so nothing but numbers and dots."""
    value = _text(row, keyword)
    if not is_uid_like(value):
        raise PacsError("Expected a UID in each result of the PACS, received one without.")
    return value


def _values(row: Row, keyword: str) -> list[Any]:
    element = row.get(_TAGS[keyword])
    values = element.get("Value") if isinstance(element, dict) else None
    return values[:_MOST_VALUES] if isinstance(values, list) else []


def _text(row: Row, keyword: str) -> str:
    return next(map(_plain, _values(row, keyword)), "")


def _plain(value: Any) -> str:
    """One value as text; of a name, the way it is written in the Latin alphabet."""
    if isinstance(value, dict):
        value = next((value[k] for k in ("Alphabetic", "Ideographic") if value.get(k)), "")
    return "".join(c for c in str(value or "") if c.isprintable()).strip()[:200]


def _number(row: Row, keyword: str) -> int | None:
    text = _text(row, keyword)
    return int(text) if text.isascii() and text.isdigit() else None
