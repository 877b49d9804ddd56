"""Whose image a file is, told from its name: the unit of splits and of resampling."""

import re
from pathlib import PurePosixPath

# Kermany's pneumonia and normal films, then NIH ChestX-ray8 (patient, three digits of follow-up).
_PATIENT = re.compile(r"person\d+(?:_bacteria|_virus)?|IM-\d+|^\d{8}(?=_\d{3})")


def patient_of(path: str) -> str:
    """Name the patient from a file's name; a name of no known kind is a patient of its own.

    Kermany's bacterial and viral films are two series, each numbered from 1, so ``person12`` of
    one is not that of the other: its official split into independent patients has 170 such numbers
    in both parts, and films of the same number in the two series are no more alike than any two.
    The normal films come as ``IM-`` and as ``NORMAL2-IM-``; the official split speaks for two
    series there as well, but equal numbers count as one patient: so no patient comes into two
    splits, and an interval is a little too wide rather than too narrow.

    >>> patient_of("test/VIRUS/person12_virus_3.jpeg"), patient_of("NORMAL2-IM-0051-0001.jpeg")
    ('person12_virus', 'IM-0051')
    """
    found = _PATIENT.search(PurePosixPath(path).stem)
    return found.group() if found else path
