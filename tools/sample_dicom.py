"""Write the drawn samples as DICOM files, to fill a PACS for a demonstration.

    python -m tools.sample_dicom folder

Each is a Computed Radiography image (PS3.3 A.2) of a patient who does not exist.
"""

import argparse
import uuid
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian

from xray_app.core import make_folder
from xray_app.samples import list_samples, read_sample, sample_label


def sample_dicom(name: str) -> bytes:
    """One sample as a DICOM file; equal names give equal files."""
    with Image.open(BytesIO(read_sample(name))) as image:
        pixels = np.asarray(image.convert("L"))
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = ComputedRadiographyImageStorage
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        setattr(dataset, keyword, _uid(f"{keyword}|{name}"))
    dataset.PatientName = f"Drawn^{sample_label(name)}"
    dataset.PatientID = f"SAMPLE-{list_samples().index(name) + 1}"
    dataset.PatientBirthDate, dataset.PatientSex, dataset.PatientAge = "20230101", "O", "003Y"
    dataset.StudyDate = f"202601{list_samples().index(name) + 1:02d}"
    dataset.StudyTime, dataset.StudyID, dataset.AccessionNumber = "120000", "1", ""
    dataset.StudyDescription = "AI-generated sample, no patient"
    dataset.SeriesDescription, dataset.Modality, dataset.Manufacturer = "Chest", "CR", ""
    dataset.SeriesNumber = dataset.InstanceNumber = 1
    dataset.ReferringPhysicianName, dataset.PatientOrientation = "", ["L", "F"]
    dataset.BodyPartExamined, dataset.ViewPosition, dataset.Laterality = "CHEST", "AP", None
    dataset.BurnedInAnnotation, dataset.ImageType = "NO", ["DERIVED", "SECONDARY"]
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.PixelData = pixels.tobytes() + b"\0" * (pixels.size % 2)
    out = BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _uid(role: str) -> str:
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, f'xray-app sample|{role}').int}"


def main() -> None:
    """Write all of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    make_folder(folder)
    for name in list_samples():
        (folder / f"{name}.dcm").write_bytes(sample_dicom(name))


if __name__ == "__main__":
    main()
