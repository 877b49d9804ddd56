from .export import dicom_export, why_not_linked, zipped

__all__ = [
    "dicom_export",
    "why_not_linked",
    "zipped",
]
