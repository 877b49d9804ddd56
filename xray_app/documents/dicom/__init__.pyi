from .export import dicom_export, link_check, zipped

__all__ = [
    "dicom_export",
    "link_check",
    "zipped",
]
