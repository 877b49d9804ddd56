"""Figures of a scored batch, where somebody knows what the images truly show."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from xray_app.batch.rows import Row
from xray_app.cards import Evaluation, ModelCard
from xray_app.core import InputError, patient_of
from xray_app.evaluation import LabelledImages, evaluate_logits

COLUMNS = ("name", "label")
_MAX_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class LabelledFigures:
    """What labels say of a batch.

    Attributes:
        images: rows with a label and a prediction, which the figures are of.
        closed: how many of them the gate stopped.
        unscored: rows with a label that have an error instead of a prediction.
        unmatched: labels whose name is no row's.
        ambiguous: labels left out because several files bear the name, which the table numbers.
        evaluation: as on the page Model card.
    """

    images: int
    closed: int
    unscored: int
    unmatched: int
    ambiguous: int
    evaluation: Evaluation


def read_labels(data: bytes, card: ModelCard) -> dict[str, int]:
    """Read a CSV with the columns name and label: file names and places in the card's classes.

    A label is a class's name, label or folder, in small or capital letters. Folders before a name
    don't count.

    Raises:
        InputError: another kind of file, other columns, an unknown label, or two for one name.
    """
    lines = _lines(data)
    known = {
        word.lower(): place
        for place, c in enumerate(card.classes)
        for word in (c.name, c.label, *c.folders)
    }
    found: dict[str, int] = {}
    for number, line in lines:
        name, label = base_name(line["name"]), line["label"].strip()
        place = known.get(label.lower())
        if place is None:
            expected = ", ".join((c.folders or (c.label,))[0] for c in card.classes)
            raise InputError(
                f"Expected a label of {expected} in line {number}, received {label[:40]!r}; "
                "correct it."
            )
        if found.setdefault(name, place) != place:
            raise InputError(
                f"Expected one label for each name, received two for that of line {number}; "
                "correct one."
            )
    return found


def label_figures(
    rows: Sequence[Row], labels: Mapping[str, int], card: ModelCard
) -> LabelledFigures:
    """Compare the rows with the labels; every frame of a file has the file's label.

    The figures hold all labelled predictions, those behind a closed gate included: figures without
    the images that a model finds hard would flatter it.

    Raises:
        InputError: no name fits, or there is no image of some class.
    """
    files = {row.name for row in rows}
    ambiguous = {n for n in labels if n in files and f"{n} (2)" in files - labels.keys()}
    usable = {n: place for n, place in labels.items() if n in files and n not in ambiguous}
    if not usable:
        raise InputError(
            "Expected names of files in the batch in the column name, each of one file; received "
            f"none such among {len(labels)}; write them as the table does."
        )
    labelled = [row for row in rows if row.name in usable]
    scored = [row for row in labelled if row.raw_probabilities is not None]
    if not scored:
        raise InputError("Expected labels of images that could be read, received none; add some.")
    truth = [usable[row.name] for row in scored]
    absent = [c.label for place, c in enumerate(card.classes) if place not in truth]
    if absent:
        raise InputError(
            f"Expected labelled images of every class, found none of {', '.join(absent)}; add some."
        )
    return LabelledFigures(
        images=len(scored),
        closed=sum(row.gate_verdict == "closed" for row in scored),
        unscored=len(labelled) - len(scored),
        unmatched=len(labels.keys() - files),
        ambiguous=len(ambiguous),
        evaluation=_evaluated(scored, truth, card),
    )


def base_name(name: str) -> str:
    r"""The name without folders, whichever way the slashes lean.

    >>> base_name(" test/NORMAL/a.png"), base_name("C:\\films\\a.png")
    ('a.png', 'a.png')
    """
    return PurePosixPath(name.strip().replace("\\", "/")).name


def _evaluated(rows: Sequence[Row], truth: Sequence[int], card: ModelCard) -> Evaluation:
    probabilities = np.array([row.raw_probabilities for row in rows], np.float64)
    # Logits up to a constant for each image, which no probability depends on.
    logits = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny))
    names = [row.name for row in rows]
    images = LabelledImages(
        "the batch", "the labels", tuple(names), np.array(truth, np.int64),
        tuple(patient_of(name) for name in names), _unread,
    )  # fmt: skip
    return evaluate_logits(card, images, logits, rows[0].scheme)


def _unread(path: str) -> bytes:
    raise InputError(f"Expected figures of what was scored already, received a wish for {path}.")


def _lines(data: bytes) -> list[tuple[int, dict[str, str]]]:
    if len(data) > _MAX_BYTES:
        raise InputError(
            f"Expected a CSV file of at most {_MAX_BYTES // 1_000_000} MB, received "
            f"{len(data) / 1e6:.0f} MB; leave out all but the columns name and label."
        )
    try:
        text = data.decode("utf-8-sig")
        delimiter = ";" if ";" in text.partition("\n")[0] else ","
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header = [column.strip().lower() for column in reader.fieldnames or ()]
        reader.fieldnames = header
        _check_header(header)
        lines = [(reader.line_num, line) for line in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            "Expected a CSV file in UTF-8 with the columns name and label, received another kind "
            "of file; export it as CSV."
        ) from error
    short = [number for number, line in lines if None in line.values() or None in line]
    if short or not lines:
        where = f"line {short[0]} with another number" if short else "none below the header"
        raise InputError(
            f"Expected as many values as columns in each line, received {where}; correct it."
        )
    return lines


def _check_header(header: Sequence[str]) -> None:
    if not set(COLUMNS) <= set(header):
        shown = ", ".join(header)[:60] or "none"
        raise InputError(
            f"Expected the columns {' and '.join(COLUMNS)} in the first line, received {shown}; "
            "rename them."
        )
