"""Which file is of which class and split: names only, no pixel is read here.

Two layouts are known. ``split/class/file`` with the splits train, val and test is taken as it is.
``class/file`` is split here, so that no patient is in two splits.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

from xray_app.core import InputError, patient_of

SPLITS: tuple[str, ...] = ("train", "val", "test")
NEGATIVE_NAMES: tuple[str, ...] = ("normal", "no_finding", "healthy", "negative")
_HELD_OUT = 0.15
_EXPECTED = "Expected train/, val/ and test/ with a folder per class in each, or a folder per class"


@dataclass(frozen=True, slots=True)
class Entry:
    """One image file: its path inside the data, its class folder and its split."""

    path: str
    label: str
    split: str


def class_name(folder: str) -> str:
    """Turn a class folder's name into the name used in cards: lower case, underscores."""
    name = re.sub(r"[^a-z0-9]+", "_", folder.lower()).strip("_")
    return name if re.match(r"[a-z]", name) else f"class_{name}"


def arrange(files: Iterable[str], folders: Iterable[str]) -> tuple[Entry, ...]:
    """Give every image file its class and split.

    Args:
        files: paths of the images with forward slashes, relative to the data.
        folders: every folder that the data has, the empty ones too.

    Raises:
        InputError: neither layout, one class only, or a class without images.
    """
    images = sorted(files)
    if not images:
        raise InputError(f"{_EXPECTED}; found no image in the data.")
    depth = _wrapping_folders(images)
    parts = {f: PurePosixPath(f).parts[depth:] for f in images}
    known = {PurePosixPath(f).parts[depth:] for f in folders}
    if any(p[0] in SPLITS for p in parts.values()):
        entries = _as_split(parts, known)
    else:
        entries = _split_here(parts, known)
    require_every_class(entries, sorted({e.label for e in entries}))
    return entries


def ordered_classes(labels: Iterable[str], negative: str | None = None) -> tuple[str, ...]:
    """Sort class folders by name, the negative (healthy) class first.

    Args:
        labels: class folder names.
        negative: the negative class; by default the one called normal or the like, or the first.

    Raises:
        InputError: there is no class ``negative``.
    """
    folders = sorted(set(labels))
    wanted = (class_name(negative),) if negative else NEGATIVE_NAMES
    first = [f for f in folders if class_name(f) in wanted]
    if negative and not first:
        raise InputError(
            f"Expected the negative class to be one of {', '.join(folders)}, received {negative!r}."
        )
    return (*first, *(f for f in folders if f not in first))


def require_every_class(entries: Sequence[Entry], labels: Sequence[str]) -> None:
    """Check that there are two classes or more, and that each has images in each split.

    Args:
        entries: of the images that there are.
        labels: class folder names.

    Raises:
        InputError: naming what is missing.
    """
    if len(labels) < 2:
        raise InputError(f"{_EXPECTED}; found one class only, {', '.join(labels)}.")
    present = {(e.split, e.label) for e in entries}
    for split in SPLITS:
        for label in labels:
            if (split, label) not in present:
                raise InputError(
                    f"Class {label!r} has no readable image in {split}/; put some there or remove "
                    f"the class from every split."
                )


def _wrapping_folders(images: Sequence[str]) -> int:
    """Count the folders around the layout, such as the one that a zip of a folder adds."""
    depth = 0
    while True:
        rest = [PurePosixPath(f).parts[depth:] for f in images]
        heads = {p[0] for p in rest}
        if len(heads) > 1 or heads & set(SPLITS) or any(len(p) < 3 for p in rest):
            return depth
        depth += 1


def _as_split(
    parts: Mapping[str, tuple[str, ...]], folders: set[tuple[str, ...]]
) -> tuple[Entry, ...]:
    wrong = next((f for f, p in parts.items() if p[0] not in SPLITS or len(p) != 3), None)
    if wrong is not None:
        raise InputError(f"{_EXPECTED}; found the image {wrong}.")
    missing = [s for s in SPLITS if s not in {p[0] for p in parts.values()}]
    if missing:
        raise InputError(f"{_EXPECTED}; found no image in {', '.join(f'{m}/' for m in missing)}.")
    _require_no_empty_folder({f for f in folders if len(f) == 2 and f[0] in SPLITS}, parts, 2)
    return tuple(Entry(f, p[1], p[0]) for f, p in parts.items())


def _split_here(
    parts: Mapping[str, tuple[str, ...]], folders: set[tuple[str, ...]]
) -> tuple[Entry, ...]:
    wrong = next((f for f, p in parts.items() if len(p) != 2), None)
    if wrong is not None:
        raise InputError(f"{_EXPECTED}; found the image {wrong}.")
    _require_no_empty_folder({f for f in folders if len(f) == 1}, parts, 1)
    labels = {f: p[0] for f, p in parts.items()}
    if len(set(labels.values())) < 2:
        raise InputError(f"{_EXPECTED}; found one class only, {next(iter(labels.values()))}.")
    split_of = split_patients(labels)
    return tuple(Entry(f, label, split_of[patient_of(f)]) for f, label in labels.items())


def _require_no_empty_folder(
    folders: set[tuple[str, ...]], parts: Mapping[str, tuple[str, ...]], depth: int
) -> None:
    empty = folders - {p[:depth] for p in parts.values()}
    if empty:
        name = "/".join(min(empty))
        raise InputError(f"Class folder {name}/ has no image; fill it or remove it.")


def split_patients(labels: Mapping[str, str]) -> dict[str, str]:
    """Assign every patient to train, val or test: 70, 15 and 15 % of each class's patients.

    A patient goes whole into one split, also with images of several classes. The order is that of
    a hash of the patient's name, so the same files are always split alike, on any machine.

    Args:
        labels: path to class folder.

    Raises:
        InputError: a class has fewer than three patients.
    """
    label_of = {patient_of(path): label for path, label in sorted(labels.items())}
    groups: dict[str, list[str]] = defaultdict(list)
    for patient in sorted(label_of, key=lambda p: sha256(p.encode()).hexdigest()):
        groups[label_of[patient]].append(patient)
    split_of: dict[str, str] = {}
    for label in sorted(set(labels.values())):
        patients = groups[label]
        if len(patients) < 3:
            raise InputError(
                f"Class {label!r} has images of {_patients(len(patients))} of its own; a split "
                "into train, val and test needs 3 or more."
            )
        held = max(1, round(_HELD_OUT * len(patients)))
        names = ["test"] * held + ["val"] * held + ["train"] * len(patients)
        split_of.update(zip(patients, names, strict=False))
    return split_of


def _patients(count: int) -> str:
    return f"{count} patient{'' if count == 1 else 's'}"
