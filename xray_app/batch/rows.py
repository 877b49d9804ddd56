"""The table's columns, in one place: a row is a frame, and each field says what it means."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

from xray_app.core.text import markdown_table

if TYPE_CHECKING:
    import pyarrow as pa

Value = str | int | float | None
Kind = Literal["text", "integer", "number"]
_KINDS: dict[Any, Kind] = {
    str: "text", int: "integer", float: "number",
    str | None: "text", int | None: "integer", float | None: "number",
}  # fmt: skip
# A spreadsheet would run a cell that begins so; none of these begins a technical fact.
FORMULA = "=+-@\t\r\n "


def _column(about: str, **default: Any) -> Any:
    return field(metadata={"about": about}, **default)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table: its name, its kind of value, and what it says."""

    name: str
    kind: Kind
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One frame. Where ``error`` is a sentence, what comes from the pixels is None."""

    id: str | None = _column(
        "SHA-256 of the file's bytes, a hyphen and the frame; empty if the file couldn't be read"
    )
    name: str = _column("the file as the command line named it; below a folder or archive, its way")
    frame: int = _column("frame or page, from 1")
    frames: int | None = _column("how many frames the file holds", default=None)
    error: str | None = _column("why there is no result, in a sentence; else empty", default=None)
    predicted: str | None = _column("most probable class under the scheme", default=None)
    likely: str | None = _column(
        "classes that hold the true one as often as the card says (conformal set), a vertical bar "
        "between them; empty where it says nothing",
        default=None,
    )
    probabilities: tuple[float, ...] | None = _column(
        "calibrated probability of {label} under the scheme", default=None
    )
    raw_probabilities: tuple[float, ...] | None = _column(
        "the model's own probability of {label}, before calibration", default=None
    )
    trained_predicted: str | None = _column(
        "most probable class under the scheme that the model was trained with", default=None
    )
    gate_verdict: str | None = _column(
        "open or closed: whether the model knows such images; if closed, ignore the prediction",
        default=None,
    )
    gate_finding: str | None = _column("what the image seems to be", default=None)
    gate_log_odds: float | None = _column("of all other kinds against the known", default=None)
    gate_distance: float | None = _column("from the training images, about 1 for one", default=None)
    gate_margin: float | None = _column("above 0 the gate is closed", default=None)
    contract_verdict: str | None = _column(
        "matches, contrast or mismatch: what reaches the first convolution against training",
        default=None,
    )
    contract_gain: float | None = _column("slope against training, 1 if it fits", default=None)
    contract_offset: float | None = _column("offset against training, 0 if it fits", default=None)
    contract_correlation: float | None = _column("Pearson's, -1 to 1", default=None)
    contract_coverage: float | None = _column(
        "fraction of the training range, 0 to 1", default=None
    )
    lungs_evidence: float | None = _column(
        "fraction of the heatmap's positive evidence that lies in the lungs; only with --saliency",
        default=None,
    )
    lungs_area: float | None = _column(
        "the lungs' fraction of the image, which a map that is the same everywhere has",
        default=None,
    )
    lungs_field: str | None = _column("the field with most of the evidence", default=None)
    notices: int | None = _column("warnings that Diagnose shows with the image", default=None)
    file_format: str | None = _column("what the file is by its content", default=None)
    rows: int | None = _column("height of the stored image in pixels", default=None)
    columns: int | None = _column("width of the stored image in pixels", default=None)
    bits: int | None = _column("bits of each stored value", default=None)
    modality: str | None = _column("DICOM Modality", default=None)
    photometric: str | None = _column("DICOM Photometric Interpretation", default=None)
    view_position: str | None = _column("DICOM View Position", default=None)
    body_part: str | None = _column("DICOM Body Part Examined", default=None)
    pixel_spacing: str | None = _column("DICOM Pixel Spacing", default=None)
    transfer_syntax: str | None = _column("DICOM Transfer Syntax", default=None)
    model: str = _column("name of the model")
    scheme: str = _column("normalization scheme")


_TECHNICAL = {
    "modality": "Modality",
    "photometric": "Photometric Interpretation",
    "view_position": "View Position",
    "body_part": "Body Part Examined",
    "pixel_spacing": "Pixel Spacing",
    "transfer_syntax": "Transfer Syntax",
}
_BY_CLASS = {"probabilities": "probability", "raw_probabilities": "raw_probability"}


def columns(classes: Sequence[str]) -> tuple[Column, ...]:
    """The table's columns for a model of these classes, in order.

    >>> [c.name for c in columns(["normal"])][5:9]
    ['predicted', 'likely', 'probability_normal', 'raw_probability_normal']
    """
    found = []
    for each in fields(Row):
        about = each.metadata["about"]
        if each.name in _BY_CLASS:
            stem = _BY_CLASS[each.name]
            found += [Column(f"{stem}_{c}", "number", about.format(label=c)) for c in classes]
        else:
            found.append(Column(each.name, _KINDS[each.type], about))
    return tuple(found)


def values(row: Row, classes: Sequence[str]) -> list[Value]:
    """A row's plain values in the order of ``columns``."""
    found: list[Value] = []
    for each in fields(Row):
        value = getattr(row, each.name)
        if each.name not in _BY_CLASS:
            is_number = not isinstance(value, float) or math.isfinite(value)
            found.append(value if is_number else None)
        else:
            found += [None] * len(classes) if value is None else list(value)
    return found


def to_dict(row: Row, classes: Sequence[str]) -> dict[str, Value]:
    """A row's plain values by name of column."""
    names = (column.name for column in columns(classes))
    return dict(zip(names, values(row, classes), strict=True))


def arrow_schema(classes: Sequence[str], about: Mapping[str, str]) -> "pa.Schema":
    """The same columns as a pyarrow schema; ``about`` goes into the file's own metadata."""
    import pyarrow as pa

    types = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64()}
    found = [pa.field(c.name, types[c.kind], metadata={"about": c.about}) for c in columns(classes)]
    return pa.schema(found, metadata=dict(about))


def schema_markdown(classes: Sequence[str]) -> str:
    """The columns as a Markdown table."""
    rows = [(f"`{c.name}`", c.kind, c.about) for c in columns(classes)]
    return markdown_table([("column", "kind", "what it says"), *rows]) + "\n"


def technical_fields(technical: Mapping[str, str]) -> dict[str, str | None]:
    """The fields of a row that come from a DICOM header's allow-listed facts."""
    found = {name: technical.get(label, "").lstrip(FORMULA) for name, label in _TECHNICAL.items()}
    return {name: value or None for name, value in found.items()}
