"""Labelled radiographs from a folder or a ``.zip`` of ``split/CLASS/file``."""

import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from xray_app.core.card import ModelCard
from xray_app.core.classifier_metrics import Labels
from xray_app.core.errors import InputError, UnreadableFile, first_line
from xray_app.core.records import Radiograph
from xray_app.readers import read_radiograph

# Kermany's two series, bacterial and viral each numbered from 1, then NIH ChestX-ray8's.
_PERSON = re.compile(r"person\d+_(?:bacteria|virus)|IM-\d+|^\d{8}(?=_\d{3})")


@dataclass(frozen=True, slots=True, eq=False)
class LabelledImages:
    """The images of one split in the order of their names.

    Attributes:
        data: name of the folder or zip, without its path.
        paths: inside the data.
        labels: (N,) positions in the card's classes.
        persons: whose image each is, told from its name.
        read: the bytes at one of the paths.
    """

    data: str
    split: str
    paths: tuple[str, ...]
    labels: Labels
    persons: tuple[str, ...]
    read: Callable[[str], bytes]

    def __len__(self) -> int:
        """Count the images."""
        return len(self.paths)

    def radiographs(self) -> Iterator[Radiograph]:
        """Every image, read one at a time."""
        for path in self.paths:
            yield read_radiograph(self.read(path), path)

    def part(self, places: slice) -> "LabelledImages":
        """The images at these places, such as ``slice(None, None, 3)`` for every third."""
        return LabelledImages(
            self.data,
            self.split,
            self.paths[places],
            self.labels[places],
            self.persons[places],
            self.read,
        )

    def spread(self, images: int) -> "LabelledImages":
        """At most so many images, at least one, evenly spread over all."""
        step = max(1, len(self) // images)
        return self.part(slice(None, step * images, step))


def person_of(path: str) -> str:
    """Name the person from the file's name; a name of no known kind is a person of its own.

    >>> person_of("test/VIRUS/person12_virus_3.jpeg"), person_of("NORMAL2-IM-0051-0001.jpeg")
    ('person12_virus', 'IM-0051')
    """
    found = _PERSON.search(PurePosixPath(path).stem)
    return found.group() if found else path


@contextmanager
def open_files(data: Path) -> Iterator[tuple[list[str], Callable[[str], bytes]]]:
    """Names of all files in a folder or zip, sorted, and how to read one while it is open.

    Raises:
        UnreadableFile: it can't be opened.
    """
    try:
        if data.is_dir():
            names = (p.relative_to(data).as_posix() for p in data.rglob("*") if p.is_file())
            yield sorted(filter(_is_shown, names)), lambda name: (data / name).read_bytes()
            return
        with zipfile.ZipFile(data) as archive:
            yield sorted(filter(_is_shown, archive.namelist())), archive.read
    except zipfile.BadZipFile as error:
        raise UnreadableFile(
            f"Expected a folder or a zip of images, received {data.name}."
        ) from error
    except OSError as error:
        raise UnreadableFile(f"Can't read {data.name}: {first_line(error)}.") from error


@contextmanager
def open_split(data: Path, split: str, card: ModelCard) -> Iterator[LabelledImages]:
    """Find the images of ``split``; they are read while the context is open.

    Raises:
        InputError: the data can't be opened, or have no such split or class.
    """
    with open_files(data) as (names, read):
        yield _arranged(data.name, names, split, card, read)


def _arranged(
    data: str, names: list[str], split: str, card: ModelCard, read: Callable[[str], bytes]
) -> LabelledImages:
    parts = {name: PurePosixPath(name).parts for name in names}
    inside = {name: p for name, p in parts.items() if len(p) >= 3 and p[-3] == split}
    if not inside:
        raise InputError(
            f"Expected images in {split}/CLASS/ in {data}, found none; name a split that is there."
        )
    labels = [_class_of(p[-2], card) for p in inside.values()]
    return LabelledImages(
        data,
        split,
        tuple(inside),
        np.array(labels, np.int64),
        tuple(person_of(name) for name in inside),
        read,
    )


def _is_shown(name: str) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)
    return not name.endswith("/") and not hidden


def _class_of(folder: str, card: ModelCard) -> int:
    for position, label in enumerate(card.classes):
        if folder.lower() in {name.lower() for name in (label.name, *label.folders)}:
            return position
    expected = ", ".join(f or c.name for c in card.classes for f in (c.folders or ("",)))
    raise InputError(
        f"Expected class folders {expected}, received {folder!r}; name it in the model card, "
        "field classes.folders."
    )
