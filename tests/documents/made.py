"""Reports and sources for the tests of the documents."""

from datetime import UTC, datetime
from typing import Any

import numpy as np

from tests.conftest import make_radiograph
from tests.fakes import FakeEngine, fake_card
from tests.readers.reader_files import dicom
from xray_app.core.records import Radiograph
from xray_app.diagnosis.diagnosis import Diagnosis, diagnose
from xray_app.diagnosis.scheme_pass import Choices
from xray_app.documents.content import Report, Setting
from xray_app.documents.making import make_report

CREATED = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
SETTING = Setting(CREATED)
# Every word of these must stay out of whatever leaves the app without a link.
PATIENT: dict[str, Any] = {
    "PatientName": "Quintessa^Zebulon",
    "PatientID": "PID-778899",
    "PatientBirthDate": "20210203",
    "PatientSex": "F",
    "PatientAge": "004Y",
    "PatientAddress": "Nightingale Lane 17",
    "PatientTelephoneNumbers": "555-0199",
    "PatientMotherBirthName": "Oberon^Titania",
    "PatientComments": "COMMENTSECRET",
    "OtherPatientNames": "Alias^Hidden",
    "EthnicGroup": "ETHNICSECRET",
    "ResponsiblePerson": "Guardian^Gwendolyn",
    "ReferringPhysicianName": "Referrer^Rosalind",
    "PerformingPhysicianName": "Performer^Percival",
    "OperatorsName": "Operator^Ophelia",
    "InstitutionName": "INSTITUTIONSECRET",
    "InstitutionAddress": "ADDRESSSECRET",
    "StationName": "STATIONSECRET",
    "DeviceSerialNumber": "SERIALSECRET",
    "AccessionNumber": "ACC-5566",
    "StudyID": "STUDY-4455",
    "StudyDate": "20240506",
    "StudyTime": "070809",
    "StudyDescription": "STUDYSECRET",
    "SeriesDescription": "SERIESSECRET",
    "RequestedProcedureDescription": "PROCEDURESECRET",
    "StudyInstanceUID": "1.2.826.0.1.3680043.8.498.111",
    "SeriesInstanceUID": "1.2.826.0.1.3680043.8.498.222",
    "SOPInstanceUID": "1.2.826.0.1.3680043.8.498.333",
}
LINKED = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "ReferringPhysicianName",
    "AccessionNumber", "StudyID", "StudyDate", "StudyTime", "StudyInstanceUID",
)  # fmt: skip


def source(**changes: Any) -> bytes:
    """A DICOM radiograph of 12 bits, 48 x 40, with a window and everything about a patient."""
    rows, columns = np.mgrid[0:48, 0:40]
    pixels = (4095 * rows * columns / (47 * 39)).astype(np.uint16)
    tags = PATIENT | {"WindowCenter": "2000", "WindowWidth": "3000"} | changes
    return bytes(dicom(pixels, bits=12, **tags))


def secrets(keep: tuple[str, ...] = ()) -> list[bytes]:
    """The words of ``PATIENT``'s texts and dates, less those of the elements to keep."""
    kept = " ".join(str(PATIENT[name]) for name in keep)
    words = {w for n, v in PATIENT.items() if n not in keep for w in str(v).split("^")}
    return sorted(w.encode() for w in words if len(w) > 3 and w not in kept)


def diagnosis_of(
    radiograph: Radiograph, scheme: str | None = None, engine: FakeEngine | None = None
) -> Diagnosis:
    return diagnose(engine or FakeEngine(), radiograph, Choices(scheme))


def report_of(
    radiograph: Radiograph, scheme: str | None = None, engine: FakeEngine | None = None
) -> Report:
    engine = engine or FakeEngine()
    return make_report(radiograph, diagnosis_of(radiograph, scheme, engine), engine.card, SETTING)


def calibrated() -> FakeEngine:
    """A model with probabilities beside the raw ones."""
    calibration = {
        "method": "temperature", "temperatures": [2.0], "fitted_on": "nothing", "command": "none",
    }  # fmt: skip
    return FakeEngine(fake_card(calibration=calibration))


def bright() -> Radiograph:
    return make_radiograph(np.full((40, 40), 255, np.uint8))


def long_names() -> FakeEngine:
    """A model whose every word is long, foreign or looks like markup."""
    strange = {"name": "strange", "label": f"<b>{'Überlang' * 9} & Ω 病</b>"}
    card = fake_card(
        title="T" * 300,
        limitations=["Anything & <everything> may be wrong. " * 12],
        classes=[*fake_card().model_dump()["classes"][:2], strange],
    )
    return FakeEngine(card)


DEGENERATE: dict[str, np.ndarray] = {
    "one pixel": np.array([[128]], np.uint8),
    "two by one": np.array([[0, 255]], np.uint8),
    "very wide": np.tile(np.arange(250, dtype=np.uint8), (1, 40)),
    "very tall": np.tile(np.arange(250, dtype=np.uint8), (1, 40)).T.copy(),
    "black": np.zeros((40, 30), np.uint8),
    "white": np.full((40, 30), 255, np.uint8),
}
