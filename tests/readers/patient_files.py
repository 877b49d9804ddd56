"""Files that name a patient, whole and damaged, and the words that would give one away."""

from tests.readers.reader_files import DEEP, RAMP, dicom, pillow, png

SECRETS = {
    "PatientName": "Doe^Jane",
    "PatientID": "SECRET-4711",
    "PatientBirthDate": "19700102",
    "InstitutionName": "General Hospital",
    "ReferringPhysicianName": "House^Gregory",
    "StudyDescription": "Jane's chest",
    "AccessionNumber": "ACC-815",
    "OperatorsName": "Ratched^Mildred",
    "ImageComments": "Jane is not well",
}
SIGNS = ("doe", "jane", "4711", "19700102", "hospital", "house", "acc-815", "ratched")
FILES = {
    "Jane Doe.dcm": dicom(DEEP, **SECRETS),
    "damaged.dcm": dicom(DEEP, **SECRETS)[:-9],
    "odd.dcm": dicom(DEEP, **SECRETS, PhotometricInterpretation="ODD"),
    "a.png": png(DEEP),
    "a.jpeg": pillow(RAMP, "JPEG"),
    "a.webp": pillow(RAMP, "WEBP"),
}
