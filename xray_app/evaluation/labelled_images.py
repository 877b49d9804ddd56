"""Labelled radiographs from a folder or a ``.zip`` of ``split/CLASS/file``."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from xray_app.cards import ModelCard
from xray_app.core import InputError, Labels, Radiograph, patient_of
from xray_app.readers import ImageFiles, open_image_files, radiographs_ahead

_MOST_LEFT_OUT = 20


@dataclass(frozen=True, slots=True, eq=False)
class LabelledImages:
    """The images of one split in the order of their names.

    Attributes:
        data: name of the folder or zip, without its path.
        paths: inside the data.
        labels: (N,) positions in the card's classes.
        patients: whose image each is, told from its name.
        read: the bytes at one of the paths; safe with threads.
    """

    data: str
    split: str
    paths: tuple[str, ...]
    labels: Labels
    patients: tuple[str, ...]
    read: Callable[[str], bytes]

    def __len__(self) -> int:
        """Count the images."""
        return len(self.paths)

    def radiographs(self) -> Iterator[Radiograph]:
        """Every image, read a few ahead as the app reads it."""
        return radiographs_ahead(self.read, self.paths)

    def part(self, indices: slice) -> "LabelledImages":
        """The images at these indices, such as ``slice(None, None, 3)`` for every third."""
        return self._at(range(len(self))[indices])

    def spread(self, images: int) -> "LabelledImages":
        """At most so many images, at least one, evenly spread over all."""
        return self._at(evenly(len(self), images))

    def _at(self, places: Sequence[int]) -> "LabelledImages":
        return LabelledImages(
            self.data,
            self.split,
            tuple(self.paths[i] for i in places),
            self.labels[list(places)],
            tuple(self.patients[i] for i in places),
            self.read,
        )


def evenly(count: int, wanted: int) -> Sequence[int]:
    """Places of at most so many of ``count`` things in order, from the first to near the last.

    A stride, unless it would leave out more than a twentieth of them at the end: images come
    class by class, so that these would be a class.

    >>> evenly(9, 3), evenly(10, 6)
    (range(0, 9, 3), [0, 2, 4, 5, 7, 9])
    """
    step = max(1, count // wanted)
    if count - step * wanted <= count / _MOST_LEFT_OUT:
        return range(0, min(count, step * wanted), step)
    return [round(place) for place in np.linspace(0, count - 1, wanted).tolist()]


def has_split(data: Path, split: str) -> bool:
    """Whether there are images in ``split``/CLASS/.

    Raises:
        InputError: the data can't be opened.
    """
    with open_image_files(data) as files:
        paths = (PurePosixPath(name).parts for name in files.names)
        return any(len(parts) >= 3 and parts[-3] == split for parts in paths)


def require_all_classes(images: LabelledImages, card: ModelCard) -> None:
    """Check that there is an image of every class: figures that need an absent one are undefined.

    Raises:
        InputError: naming the classes that have none.
    """
    present = set(images.labels.tolist())
    absent = [name for place, name in enumerate(card.class_names) if place not in present]
    if absent:
        raise InputError(
            f"Expected images of every class in {images.split}/, found none of {', '.join(absent)}."
        )


def require_one_class_each(card: ModelCard) -> None:
    """Check that the classes exclude each other: all figures are of one class for each image.

    Raises:
        InputError: the model gives each class a probability of its own.
    """
    if card.outputs == "sigmoid":
        raise InputError(
            "Expected a model whose classes exclude each other (softmax), received one that gives "
            "each a probability of its own (sigmoid); figures of such a model aren't measured here."
        )


@contextmanager
def open_split(data: Path, split: str, card: ModelCard) -> Iterator[LabelledImages]:
    """Find the images of ``split``; they are read while the context is open.

    Raises:
        InputError: the data can't be opened, or have no such split or class.
    """
    with open_image_files(data) as files:
        yield _arranged(data.name, files, split, card)


def _arranged(data: str, files: ImageFiles, split: str, card: ModelCard) -> LabelledImages:
    parts = {name: PurePosixPath(name).parts for name in files.names}
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
        tuple(patient_of(name) for name in inside),
        files.read,
    )


def _class_of(folder: str, card: ModelCard) -> int:
    for position, label in enumerate(card.classes):
        if folder.lower() in {name.lower() for name in (label.name, *label.folders)}:
            return position
    expected = ", ".join(f or c.name for c in card.classes for f in (c.folders or ("",)))
    raise InputError(
        f"Expected class folders {expected}, received {folder!r}; name it in the model card, "
        "field classes.folders."
    )
