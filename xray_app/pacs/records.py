"""What one asks a PACS for, and what it tells: studies, and the radiographs in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from xray_app.core import InputError, UnknownChoice

# Computed, digital and (its old name) digital radiography: PS3.3 C.7.3.1.1.1.
MODALITIES = ("CR", "DX", "DR")
_LONGEST = 64
_MOST_STUDIES = 100_000
_WILD = re.compile(r"[*?]")


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; an empty field matches everything.

    Attributes:
        name: of the patient, "family, given", "family given" or "family^given"; it may end early.
        patient_id, accession: whole.
        since, until: first and last day of the study.
        modality: one of ``MODALITIES``, or "" for each of them.
        limit: of studies.
    """

    name: str = field(default="", repr=False)
    patient_id: str = field(default="", repr=False)
    accession: str = field(default="", repr=False)
    since: date | None = None
    until: date | None = None
    modality: str = ""
    limit: int = 50

    def __post_init__(self) -> None:
        """Check the fields.

        Raises:
            InputError: one of them can't be looked for; the sentence doesn't quote it.
        """
        if self.modality and self.modality not in MODALITIES:
            raise UnknownChoice.of("modality", self.modality, MODALITIES)
        if self.since and self.until and self.since > self.until:
            raise InputError("Expected a first day before the last one. Exchange them.")
        if not 1 <= self.limit <= _MOST_STUDIES:
            raise InputError(
                f"Expected a limit from 1 to {_MOST_STUDIES:,} studies, received {self.limit}."
            )
        for what, text in (
            ("a patient's name", self.name),
            ("a patient's ID", self.patient_id),
            ("an accession number", self.accession),
        ):
            if len(text) > _LONGEST or not text.isprintable() or "\\" in text:
                raise InputError(
                    f"Expected {what} of at most {_LONGEST} characters, without a backslash. "
                    "Write it so."
                )
        if _WILD.search(self.patient_id + self.accession):
            raise InputError("Expected a whole ID or accession number, without * or ?.")

    @property
    def is_empty(self) -> bool:
        """Whether the server would be asked for all radiographs, whatever was written."""
        asked = next(self.filters())
        return not self.modality and asked.keys() == {"ModalitiesInStudy"}

    def filters(self) -> Iterator[dict[str, str]]:
        """By keyword what QIDO-RS matches, one search for each modality (PS3.18 8.3.4)."""
        found = {
            "PatientName": self._pattern(),
            "PatientID": self.patient_id,
            "AccessionNumber": self.accession,
            "StudyDate": self._days(),
        }
        kept = {name: text for name, text in found.items() if text}
        for modality in [self.modality] if self.modality else MODALITIES:
            yield kept | {"ModalitiesInStudy": modality}

    def _pattern(self) -> str:
        """The name as DICOM matches it, any one character between its parts: PS3.4 C.2.2.2.4."""
        parts = re.findall(r"[^\s,^*]+", self.name)
        named = any(part.strip("?") for part in parts)  # "?" alone is everybody
        return f"{'?'.join(parts)}*" if named else ""

    def _days(self) -> str:
        """As DICOM writes a range of days: PS3.4 C.2.2.2.5."""
        if self.since is None and self.until is None:
            return ""
        if self.since == self.until and self.since is not None:
            return f"{self.since:%Y%m%d}"
        return "-".join("" if day is None else f"{day:%Y%m%d}" for day in (self.since, self.until))


@dataclass(frozen=True, slots=True)
class Place:
    """Where one image is: the UIDs of its study, its series and itself."""

    study: str
    series: str
    instance: str

    def __str__(self) -> str:
        """The three with slashes between them."""
        return f"{self.study}/{self.series}/{self.instance}"


@dataclass(frozen=True, slots=True)
class Study:
    """One study as the PACS lists it; texts are "" where it says nothing."""

    uid: str
    name: str = field(repr=False)
    patient_id: str = field(repr=False)
    accession: str = field(repr=False)
    date: str
    description: str
    modalities: tuple[str, ...]
    instances: int | None


@dataclass(frozen=True, slots=True)
class Image:
    """One radiograph of a study: where it is, and what the PACS says of it."""

    place: Place
    modality: str
    date: str
    series: str
    rows: int | None
    columns: int | None


def day(text: str) -> date | None:
    """A day as DICOM or ISO 8601 writes it; None for "".

    Raises:
        InputError: it is none.

    >>> day("20240506"), day("")
    (datetime.date(2024, 5, 6), None)
    """
    if not text:
        return None
    try:
        return datetime.strptime(text.replace("-", ""), "%Y%m%d").date()
    except ValueError as error:
        raise InputError(f"Expected a day such as 2026-01-31, received {text!r}.") from error


def shown_day(text: str) -> str:
    """A day of DICOM for people; as it is where it is none.

    >>> shown_day("20240506"), shown_day("1.2.3")
    ('2024-05-06', '1.2.3')
    """
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if re.fullmatch(r"\d{8}", text) else text
