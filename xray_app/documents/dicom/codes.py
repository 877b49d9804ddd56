"""Coded concepts of the structured report: standard ones where DICOM has them, else 99XRAYAPP."""

import hashlib

from highdicom.sr import CodedConcept
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

SCHEME = "99XRAYAPP"
_MEANING_BYTES = 64  # a Code Meaning is of VR LO; some count its bytes, not its characters

ARTIFICIAL_INTELLIGENCE = codes.DCM.ArtificialIntelligence
NO_UNITS = codes.UCUM.NoUnits
IMAGING_PROCEDURE = CodedConcept("363679005", "SCT", "Imaging procedure")


def private(value: str, meaning: str) -> CodedConcept:
    """A concept of this app's own; a long meaning is cut.

    A Code Meaning is one value of VR LO, where a backslash would begin another and control
    characters are not allowed (PS3.5 6.2).
    """
    meaning = "".join(c if c.isprintable() and c != "\\" else " " for c in meaning)
    written = meaning.encode()
    if len(written) > _MEANING_BYTES:
        meaning = written[: _MEANING_BYTES - 3].decode(errors="ignore") + "…"
    return CodedConcept(value, SCHEME, meaning)


INTENDED_USE = private("INTENDED_USE", "Intended use")
RESEARCH = private("RESEARCH", "Research and teaching only; not a medical device")
GATE = private("GATE", "Whether the model knows such images")
GATES = {
    "open": private("GATE_OPEN", "Like the training images"),
    "closed": private("GATE_CLOSED", "Outside what the model knows"),
    "none": private("GATE_NONE", "Not checked"),
}
CONTRACT = private("CONTRACT", "Whether the normalization fits the training")
CONTRACTS = {
    "matches": private("FITS", "Fits training"),
    "contrast": private("CONTRAST", "Same range, contrast changed"),
    "mismatch": private("MISMATCH", "Does not fit: the prediction can't be relied on"),
}
PREDICTED = private("PREDICTED", "Most probable class")
VOID = private("PREDICTED_VOID", "Most probable class, not to be used")
EXPLANATION = private("EXPLANATION", "In words")
FIGURES = {
    "gain": private("GAIN", "Gain at the first convolution, 1 if it fits"),
    "offset": private("OFFSET", "Offset at the first convolution, 0 if it fits"),
    "correlation": private("CORRELATION", "Correlation at the first convolution"),
    "coverage": private("COVERAGE", "Fraction of the training range covered"),
}
# SNOMED CT of the classes that a card is likely to name; see docs/documents.md for what they claim.
_STANDARD = {
    "bacterial_pneumonia": ("53084003", "Bacterial pneumonia"),
    "viral_pneumonia": ("75570004", "Viral pneumonia"),
    "pneumonia": ("233604007", "Pneumonia"),
    "normal": ("17621005", "Normal"),
}


def class_concept(name: str, label: str) -> CodedConcept:
    """The concept of a class: SNOMED CT's where it is known, else a private one."""
    if name in _STANDARD:
        value, meaning = _STANDARD[name]
        return CodedConcept(value, "SCT", meaning)
    return private(_short("K", name), label)


def probability_concept(name: str, label: str, *, calibrated: bool) -> CodedConcept:
    """The concept of a class's probability.

    A private one even where the class has a standard code: a measurement that carries a disease's
    own code would read like a finding.
    """
    kind = "Calibrated" if calibrated else "Raw"
    return private(_short(kind[0], name), f"{kind} probability of {label}")


def scheme_identification() -> Dataset:
    """An item of the Coding Scheme Identification Sequence (PS3.3 C.12.1.1.2)."""
    item = Dataset()
    item.CodingSchemeDesignator = SCHEME
    item.CodingSchemeName = "Private codes of xray-app, listed in its docs/documents.md"
    return item


def _short(kind: str, name: str) -> str:
    """A code that stays the same for a class name whatever the model, in 16 characters."""
    return f"{kind}_{hashlib.sha256(name.encode()).hexdigest()[:12].upper()}"
