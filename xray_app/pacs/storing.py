"""Store (STOW-RS, PS3.18 10.5): objects that this app made, into the study that they are about."""

from collections.abc import Sequence
from io import BytesIO

from pydicom import Dataset, dcmread

from xray_app.core import InputError, PacsError
from xray_app.pacs.connection import client, refusals
from xray_app.pacs.settings import Settings
from xray_app.readers import silenced

MAX_ANSWER_BYTES = 1_000_000


def store(settings: Settings, study: str, files: Sequence[bytes]) -> int:
    """Store DICOM objects of one study.

    Args:
        settings: the server.
        study: UID of the study that all of them belong to.
        files: the objects, made by this app: they are parsed here.

    Returns:
        How many the server says it stored: all of them.

    Raises:
        InputError: one of them belongs to another study.
        PacsError: the server didn't store all of them, or doesn't say so.
    """
    with silenced():  # warnings may quote a patient's name
        objects = [dcmread(BytesIO(data)) for data in files]
        belong = all(str(one.StudyInstanceUID) == study for one in objects)
    if not belong:
        raise InputError("Expected objects of the study that they are stored in, received others.")
    stored = _confirmed(settings, study, objects)
    missing = len({str(one.SOPInstanceUID) for one in objects} - stored)
    if missing:
        raise PacsError(
            f"The PACS at {settings.host} confirmed {len(objects) - missing} of {len(objects)} "
            "objects. Look into the study before you store them again."
        )
    return len(objects)


def _confirmed(settings: Settings, study: str, objects: Sequence[Dataset]) -> set[str]:
    """Store the objects; the UIDs of those that the server says it stored."""
    try:
        with refusals(settings):
            answer = client(settings, MAX_ANSWER_BYTES).store_instances(objects, study)
        items = answer.get("ReferencedSOPSequence") or ()
        return {str(item.get("ReferencedSOPInstanceUID")) for item in items}
    except PacsError:
        raise
    except Exception:  # noqa: BLE001 - whatever pydicom raises over an answer that is no data set
        return set()
