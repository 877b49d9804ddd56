"""What the gate is fitted to and reported on, gathered from data, other people and other images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xray_app.core import Kind, Progress, Reporter
from xray_app.core.images import Geometry
from xray_app.engines import Engine
from xray_app.evaluation.gate.collection import (
    collect,
    read_image_set,
    read_other_images,
    read_sources,
)
from xray_app.evaluation.gate.image_sets import (
    Group,
    ImageSet,
    Others,
    Source,
    handled_copies,
    others_of,
    turned_copies,
)
from xray_app.evaluation.gate.report import Held

TURNED: tuple[Kind, ...] = ("negative", "upside_down", "sideways")
HANDLED = ", handled"  # ends the name of a group of handled copies
KNOWN = "known"
VALIDATION = "known, validation"
_SEED = 5
_LIMITS = 5  # of people as the model knows them, from other places: every fifth sets limits


@dataclass(frozen=True, slots=True)
class Material:
    """Where images come from and at what size they are looked at."""

    engine: Engine
    data: Path
    others: Path
    progress: Reporter
    step: int = 1

    @property
    def other(self) -> Others:
        """Who are others to the model."""
        return others_of(self.engine.card.training_data)

    def sources(self, part: str) -> dict[str, Source]:
        """Those of the others, to fit or to report on."""
        return read_sources(self.others, part, self.geometry, self.other, self.step)

    @property
    def geometry(self) -> Geometry:
        """Of the model's input."""
        return self.engine.card.input.geometry

    def images(self, folder: str) -> ImageSet:
        """Those of a split of the known population."""
        return read_image_set(self.data, folder, self.geometry, self.step)

    def read(self, what: str, kind: Kind, image_set: ImageSet) -> Group:
        """What the gate reads of them."""
        self.progress(Progress(message=f"{what}: {len(image_set.images)} images"))
        return collect(self.engine, kind, image_set)


def fit_groups(material: Material, sources: Mapping[str, Source]) -> dict[str, Group]:
    """What the rule is fitted to; every group of radiographs is handled in the same ways."""
    random = np.random.default_rng(_SEED)
    train = material.images("train")
    other, _ = read_other_images(
        material.geometry.height,
        random,
        report=False,
        views_each=12,
        drawings_each=max(4, 60 // material.step),
    )
    groups = {KNOWN: material.read("train", "known", train)}
    handled = handled_copies(train.every(2), 1, random)
    groups[f"{KNOWN}{HANDLED}"] = material.read("train, handled", "known", handled)
    for name, source in sources.items():
        images = source.images.apart(_LIMITS)[0] if source.kind == "known" else source.images
        groups[name] = material.read(name, source.kind, images)
        if source.kind != "no_chest":
            copies = handled_copies(images, 3, random)
            groups[f"{name}{HANDLED}"] = material.read(f"{name}{HANDLED}", source.kind, copies)
    groups["no chest"] = material.read("no chest", "no_chest", other)
    for kind in TURNED:
        copies = turned_copies(train.every(12), kind, random, handle=True)
        groups[kind] = material.read(f"train, {kind}", kind, copies)
    return groups


def limit_groups(material: Material, sources: Mapping[str, Source]) -> dict[str, Group]:
    """What sets the limits: ``val/``, and some people as the model knows them from other places."""
    groups = {VALIDATION: material.read("val", "known", material.images("val"))}
    for name, source in sources.items():
        if source.kind == "known":
            label = f"{name}, validation"
            groups[label] = material.read(label, "known", source.images.apart(_LIMITS)[1])
    return groups


def held_back(material: Material) -> Held:
    """What the rule never saw."""
    random = np.random.default_rng(_SEED + 1)
    test = material.images("test")
    other, real = read_other_images(
        material.geometry.height,
        random,
        report=True,
        views_each=10,
        drawings_each=max(4, 40 // material.step),
    )
    sources = material.sources("report")
    return Held(
        test_images=test,
        test=material.read("test", "known", test),
        others={name: material.read(name, s.kind, s.images) for name, s in sources.items()},
        other=material.read("other images", "no_chest", other),
        real=real,
        turned=tuple(
            material.read(
                f"test, {kind}", kind, turned_copies(test.every(2), kind, random, handle=False)
            )
            for kind in TURNED
        ),
    )


def without(groups: Mapping[str, Group], names: Sequence[str]) -> dict[str, Group]:
    """The groups but those of the named sources, handled or not."""
    left = {f"{name}{end}" for name in names for end in ("", HANDLED, ", validation")}
    return {name: group for name, group in groups.items() if name not in left}
