"""Whose an exported DICOM object is: nobody's, in a study of its own; on request the source's.

Unlinked objects carry no patient and new UIDs alone. Linked ones carry exactly the elements in
which the objects of a study must agree, and refer to the source image.
"""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydicom.dataset import Dataset

from xray_app import __version__
from xray_app.documents.content import Report
from xray_app.readers.dicom import PATIENT, STUDY, UIDS

MANUFACTURER = "xray-app"
MODEL_NAME = "Is normalization necessary? (research only)"
UTF_8 = "ISO_IR 192"


@dataclass(frozen=True, slots=True, eq=False)
class Identity:
    """What every object of one export shares.

    Attributes:
        created: date and time of the export.
        elements: by keyword the text of the patient's and the study's elements.
        source: what a reference to the source image needs; None in an unlinked export.
        uid: a new UID for a role, always the same for the same report and role.
    """

    created: datetime
    elements: dict[str, str]
    source: dict[str, Any] | None
    uid: Callable[[str], str]

    def study(self) -> dict[str, Any]:
        """Arguments of highdicom's constructors that name patient and study."""
        e = self.elements
        return {
            "study_instance_uid": e["StudyInstanceUID"],
            "patient_id": e["PatientID"],
            "patient_name": e["PatientName"],
            "patient_birth_date": e["PatientBirthDate"] or None,
            "patient_sex": e["PatientSex"] or None,
            "accession_number": e["AccessionNumber"],
            "study_id": e["StudyID"],
            "study_date": e["StudyDate"] or None,
            "study_time": e["StudyTime"] or None,
            "referring_physician_name": e["ReferringPhysicianName"],
        }

    def series(self, role: str, number: int, description: str) -> dict[str, Any]:
        """Arguments that name this app, and a series with one object."""
        return {
            "series_instance_uid": self.uid(f"{role} series"),
            "series_number": number,
            "sop_instance_uid": self.uid(role),
            "instance_number": 1,
            "manufacturer": MANUFACTURER,
            "manufacturer_model_name": MODEL_NAME,
            "software_versions": __version__,
            "series_description": description,
            "specific_character_set": UTF_8,
        }

    def source_image(self) -> Dataset | None:
        """The source image, as far as a reference to it goes: identity and nothing else."""
        if self.source is None:
            return None
        dataset = Dataset()
        for keyword in (*PATIENT, *STUDY, *UIDS):
            setattr(dataset, keyword, self.elements[keyword] or None)
        dataset.PatientName = self.elements["PatientName"]
        dataset.SpecificCharacterSet = UTF_8
        return dataset

    def references(self) -> list[Dataset]:
        """A reference to the source image, as an item of a sequence; none without a source."""
        source = self.source_image()
        if source is None:
            return []
        item = Dataset()
        item.ReferencedSOPClassUID = source.SOPClassUID
        item.ReferencedSOPInstanceUID = source.SOPInstanceUID
        return [item]


def make_identity(report: Report, source: dict[str, Any] | None, pdf: bytes = b"") -> Identity:
    """The source's identity, or a new one for nobody if ``source`` is None.

    Args:
        report: what is exported; the UIDs hang on it.
        source: what ``readers.reference_isolated`` gave.
        pdf: the report as a page of A4; the UIDs hang on it, too.
    """
    created = report.created
    seed = _seed(report, source, pdf)

    def uid(role: str) -> str:
        return _uid_of(f"{role}|{seed}")

    if source is not None:
        elements = {name: str(source[name]) for name in (*PATIENT, *STUDY, *UIDS)}
    else:
        elements = dict.fromkeys((*PATIENT, *STUDY, *UIDS), "")
        elements["StudyInstanceUID"] = uid("study")
        elements["StudyDate"] = f"{created:%Y%m%d}"
        elements["StudyTime"] = f"{created:%H%M%S}"
    return Identity(created, elements, source, uid)


def device_uid() -> str:
    """The UID of this app as a device: one for each version, whatever it made."""
    return _uid_of(f"device|{MANUFACTURER}|{__version__}")


def _uid_of(text: str) -> str:
    """A UID made of a UUID: PS3.5 B.2."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, text).int}"


def _seed(report: Report, source: dict[str, Any] | None, pdf: bytes) -> str:
    """All that an object's content follows from: other content must not have the same UID."""
    seen = (report.digest, report.scheme_name, report.technical)
    said = (report.classes, report.gate_verdict, report.verdict, report.contract_figures)
    words = (
        report.cautions, report.gate, report.headline, report.is_meaningful, report.aside,
        report.contract, report.scheme, report.overlay_caption,
    )  # fmt: skip
    made_by = (report.model_name, report.model, report.versions)
    images = [hashlib.sha256(data).hexdigest() for data in (report.overlay.tobytes(), pdf)]
    copied = "" if source is None else [source[name] for name in (*PATIENT, *STUDY, *UIDS)]
    return repr((seen, said, words, made_by, images, copied, report.created.isoformat()))


def stamped(dataset: Dataset, identity: Identity) -> Dataset:
    """Give an object the export's date and time, not the clock's, and what highdicom leaves out."""
    date, time = f"{identity.created:%Y%m%d}", f"{identity.created:%H%M%S}"
    for name in ("InstanceCreation", "Content", "PresentationCreation"):
        if f"{name}Date" in dataset:
            setattr(dataset, f"{name}Date", date)
            setattr(dataset, f"{name}Time", time)
    if "DateOfSecondaryCapture" in dataset:
        dataset.DateOfSecondaryCapture = date
        dataset.TimeOfSecondaryCapture = time
    for item in dataset.get("ContributingEquipmentSequence") or ():
        item.ContributionDateTime = date + time
    if dataset.Modality in {"OT", "PR"}:
        dataset.Laterality = None  # type 2C: asked for, but nobody knows it
    return dataset
