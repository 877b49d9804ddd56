"""Images of one kind, whose they are, and their changed copies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xray_app.cards import TrainingData
from xray_app.core import FloatArray, Kind
from xray_app.evaluation.gate.variations import handled, turned
from xray_app.gate import ADULT


@dataclass(frozen=True, slots=True)
class Others:
    """Folders of images of others: what the gate of a model should say of those in them.

    Attributes:
        kinds: by folder; in "known" are people as the model knows them, from other places.
        population: what the other population is, for a sentence.
    """

    kinds: Mapping[str, Kind]
    population: str


_OF_CHILDREN = Others(
    {"adult": "other_population", "child": "older_child", "not_chest": "no_chest"},
    "an adult's chest",
)
_OF_ADULTS = Others(
    {"adult": "known", "child": "other_population", "not_chest": "no_chest"},
    "a child's chest",
)


def others_of(known: TrainingData) -> Others:
    """Who are others to a model, by the ages that it knows; where it gives none, adults are."""
    adults = known.ages is not None and known.ages[1] >= ADULT
    return _OF_ADULTS if adults else _OF_CHILDREN


@dataclass(frozen=True, slots=True, eq=False)
class ImageSet:
    """Images of one kind.

    Attributes:
        images: (N, H, W) float32 in [0, 1].
        units: whose image each is, a patient or a source: images of one unit are alike.
        folders: the folder that each lies in, where it comes from one.
    """

    images: tuple[FloatArray, ...]
    units: tuple[str, ...]
    folders: tuple[str, ...] = ()

    def every(self, step: int) -> "ImageSet":
        """Every ``step``-th image, the first included."""
        return self._at(range(0, len(self.units), step))

    def apart(self, step: int) -> tuple["ImageSet", "ImageSet"]:
        """Without the images of every ``step``-th unit, and those alone."""
        chosen = set(sorted(set(self.units))[::step])
        places = range(len(self.units))
        left = [i for i in places if self.units[i] not in chosen]
        return self._at(left), self._at([i for i in places if self.units[i] in chosen])

    def _at(self, places: Sequence[int]) -> "ImageSet":
        folders = tuple(self.folders[i] for i in places) if self.folders else ()
        return ImageSet(
            tuple(self.images[i] for i in places), tuple(self.units[i] for i in places), folders
        )


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Images that come from one place, and of which kind they are."""

    kind: Kind
    images: ImageSet


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """The statistics (N, D) of images of one kind, and whose they are (N units)."""

    kind: Kind
    statistics: FloatArray
    units: tuple[str, ...]


def handled_copies(image_set: ImageSet, copies: int, random: np.random.Generator) -> ImageSet:
    """``copies`` of each image, each handled at random in another way."""
    images = tuple(handled(x, random) for _ in range(copies) for x in image_set.images)
    return ImageSet(images, image_set.units * copies)


def turned_copies(
    image_set: ImageSet, kind: Kind, random: np.random.Generator, *, handle: bool
) -> ImageSet:
    """Each image turned or inverted, after it was handled at random where ``handle``."""
    sources = (handled(x, random) if handle else x for x in image_set.images)
    return ImageSet(tuple(turned(kind, x, random) for x in sources), image_set.units)
