"""The report's page of A4 as a DICOM Encapsulated PDF (PS3.3 A.45.1)."""

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import EncapsulatedPDFStorage, ExplicitVRLittleEndian

from xray_app.documents.dicom.identity import UTF_8, Identity, stamped
from xray_app.readers.dicom import PATIENT, STUDY

_DESCRIPTION = "Report, research only, unverified"


def encapsulated_pdf(pdf: bytes, identity: Identity) -> Dataset:
    """The PDF as it is, with the identity of the export around it."""
    names = identity.series("pdf", 9004, _DESCRIPTION)
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SpecificCharacterSet = UTF_8
    dataset.SOPClassUID = EncapsulatedPDFStorage
    dataset.SOPInstanceUID = names["sop_instance_uid"]
    dataset.StudyInstanceUID = identity.elements["StudyInstanceUID"]
    dataset.SeriesInstanceUID = names["series_instance_uid"]
    for keyword in (*PATIENT, *STUDY):
        setattr(dataset, keyword, identity.elements[keyword] or None)
    dataset.PatientName = identity.elements["PatientName"]
    dataset.Modality, dataset.SeriesDescription = "DOC", _DESCRIPTION
    dataset.SeriesNumber, dataset.InstanceNumber = names["series_number"], 1
    dataset.Manufacturer = names["manufacturer"]
    dataset.ManufacturerModelName = names["manufacturer_model_name"]
    dataset.SoftwareVersions = names["software_versions"]
    dataset.ConversionType = "WSD"  # made on a workstation: PS3.3 C.8.6.1
    for part in ("InstanceCreation", "Content"):
        setattr(dataset, f"{part}Date", "")
        setattr(dataset, f"{part}Time", "")
    dataset.AcquisitionDateTime = None
    # Text in the radiograph's own pixels can't be ruled out.
    dataset.BurnedInAnnotation = "YES"
    dataset.DocumentTitle = _DESCRIPTION
    dataset.ConceptNameCodeSequence = []
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocumentLength = len(pdf)
    dataset.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    if references := identity.references():
        dataset.SourceInstanceSequence = references
    return stamped(dataset, identity)
