from .export import dicom_export, link_check, study_of_own, zipped

__all__ = [
    "dicom_export",
    "link_check",
    "study_of_own",
    "zipped",
]
