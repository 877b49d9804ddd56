"""Exported objects, read back and judged."""

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread

from tests.documents.made import report_of
from xray_app.documents.dicom.export import DicomExport, dicom_export
from xray_app.readers import ReadOptions, read_radiograph

CAPTURE, REPORT, WINDOW = (
    "secondary-capture.dcm", "structured-report.dcm", "presentation-state.dcm",
)  # fmt: skip


def read(export: DicomExport, name: str) -> Dataset:
    return dcmread(io.BytesIO(export.files[name]))


def linked(data: bytes, options: ReadOptions | None = None) -> DicomExport:
    radiograph = read_radiograph(data, "x", options or ReadOptions())
    return dicom_export(report_of(radiograph), radiograph, data)


def judged(content: bytes, folder: Path) -> tuple[list[str], list[str]]:
    """What dciodvfy calls errors and warnings, each once."""
    tool = shutil.which("dciodvfy")
    if tool is None:
        pytest.skip("dciodvfy is not installed (Debian package dicom3tools)")
    path = folder / "judged.dcm"
    path.write_bytes(content)
    done = subprocess.run([tool, "-new", str(path)], capture_output=True, text=True, check=False)
    lines = sorted({line for line in (done.stdout + done.stderr).splitlines() if line})
    return [x for x in lines if x.startswith("Error")], [x for x in lines if x.startswith("Warn")]
