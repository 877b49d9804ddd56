"""Reading leaves no trace: no file, no log, and of the header only what is allowed."""

import logging
import os
import subprocess
import sys
import warnings

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.readers.patient_files import FILES, SIGNS
from tests.readers.reader_files import RAMP, dicom, pillow
from tests.traces import WATCH, snapshot
from xray_app.readers import read_isolated, read_radiograph, rewindow
from xray_app.readers.dicom.facts import _TECHNICAL

CODE = (
    WATCH
    + """
from contextlib import suppress
from xray_app.core.errors import InputError
from xray_app.readers import read_isolated, read_radiograph, rewindow
from tests.readers.patient_files import FILES
sys.dont_write_bytecode = True
sys.addaudithook(hook)
for read in (read_radiograph, read_isolated):
    for name, data in FILES.items():
        with suppress(InputError):
            rewindow(read(data, name), 5, 50)
touched = [t for t in touched if os.devnull not in t[1]]
assert not touched, touched
"""
)


def test_nothing_is_written(tmp_path):
    """By Python (audit events) and by the decoders' own code (an empty home and temp folder)."""
    home = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-c", CODE]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | home, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    assert not snapshot(tmp_path)
    assert (done.stdout, done.stderr) == ("", "")


def test_nothing_is_logged_warned_of_or_printed(caplog, capfd):
    caplog.set_level(logging.DEBUG)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for name, data in FILES.items():
            for read in (read_radiograph, read_isolated):
                try:
                    rewindow(read(data, name), 5, 50)
                except Exception as error:  # noqa: BLE001 - the sentence is what is looked at
                    shown = str(error).removeprefix(f"{name}: ").lower()
                    assert not any(sign in shown for sign in SIGNS)
    assert not caplog.records
    assert not warned
    assert capfd.readouterr() == ("", "")


def test_only_allowed_elements_leave_the_reader():
    radiograph = read_radiograph(FILES["Jane Doe.dcm"], "Jane Doe.dcm")
    allowed = {"Transfer Syntax", "Transfer Syntax UID", *_TECHNICAL.values()}
    assert set(radiograph.technical) <= allowed
    everything = repr(
        (
            radiograph.technical,
            radiograph.steps,
            radiograph.notices,
            radiograph.controls,
            radiograph.file_format,
            radiograph.digest,
        )
    ).lower()
    assert not any(sign in everything for sign in SIGNS)


def test_control_characters_of_a_file_are_never_shown():
    data = dicom(RAMP, BodyPartExamined="CHEST").replace(b"CHEST ", b"CH\x1b[2J")
    assert read_radiograph(data).technical["Body Part Examined"] == "CH[2J"


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"BurnedInAnnotation": "YES"}, "burned into its pixels"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, "secondary capture"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7.4"}, "secondary capture"),
    ],
)
def test_text_in_the_pixels_is_warned_of(tags, expected):
    assert any(expected in notice for notice in read_radiograph(dicom(RAMP, **tags)).notices)
    assert not read_radiograph(dicom(RAMP)).notices


def test_ignored_profiles_are_recorded():
    data = pillow(RAMP, "JPEG", icc_profile=b"not even a profile")
    radiograph = read_radiograph(data)
    assert [step.name for step in radiograph.steps] == ["Decoded", "Colour profile"]
    plain = read_radiograph(pillow(RAMP, "JPEG"))
    np.testing.assert_array_equal(radiograph.pixels, plain.pixels)
