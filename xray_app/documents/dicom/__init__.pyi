from .export import NAMES, dicom_export, link_check, study_of_own, zipped

__all__ = [
    "NAMES",
    "dicom_export",
    "link_check",
    "study_of_own",
    "zipped",
]
