"""From a folder or a zip of images to arrays at the model's size, as the app reads them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xray_app.core import FloatArray, InputError, patient_of, read_only
from xray_app.core.images import Geometry
from xray_app.core.normalization import DatasetStatistics
from xray_app.readers import ImageFiles, displays_ahead, open_image_files
from xray_app.training.data.layout import (
    SPLITS,
    Entry,
    arrange,
    class_name,
    ordered_classes,
    require_every_class,
)

_NAMED = 5


@dataclass(frozen=True, slots=True, eq=False)
class ImageSet:
    """One split, read-only.

    Attributes:
        images: (N, H, W) float32 in [0, 1], the display domain; what the app makes of each file.
        labels: (N,) their classes.
        patients: N, whose they are.
    """

    images: FloatArray
    labels: NDArray[np.int64]
    patients: tuple[str, ...]

    def __len__(self) -> int:
        """Count the images."""
        return len(self.labels)


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """The three splits of one data set.

    Attributes:
        name: of the folder or zip, without its path.
        classes: names in label order, the negative class first.
        folders: the class folders, in the same order.
        statistics: mean and deviation of the training pixels, in display units [0, 1].
        digest: SHA-256 of every image's path and pixels; another data set has another.
        notices: sentences about what was skipped.
    """

    name: str
    classes: tuple[str, ...]
    folders: tuple[str, ...]
    train: ImageSet
    val: ImageSet
    test: ImageSet
    statistics: DatasetStatistics
    digest: str
    notices: tuple[str, ...]

    def counts(self) -> dict[str, dict[str, int]]:
        """Count the images of each split and class."""
        splits = {"train": self.train, "val": self.val, "test": self.test}
        return {
            split: {c: int((s.labels == k).sum()) for k, c in enumerate(self.classes)}
            for split, s in splits.items()
        }


def load_dataset(path: Path, geometry: Geometry, negative: str | None = None) -> Dataset:
    """Read every image of a folder or zip, fitted into the network's input.

    An image that can't be read is skipped and named in a notice.

    Raises:
        InputError: the data can't be opened, has another layout, a class is empty, or the images
            would not fit into memory.
    """
    name = path.resolve().name if path.is_dir() else path.stem
    with open_image_files(path) as files:
        return _load(name, files, geometry, negative)


def _load(name: str, files: ImageFiles, geometry: Geometry, negative: str | None) -> Dataset:
    entries = sorted(arrange(files.names, files.folders), key=lambda e: SPLITS.index(e.split))
    _require_memory(len(entries), geometry)
    labels = ordered_classes((e.label for e in entries), negative)
    images, failures = _read(files, entries, geometry)
    kept = [e for e in entries if e not in failures]
    _require_readable(kept, labels, failures)
    train, val, test = (_split(images, kept, split, labels) for split in SPLITS)
    return Dataset(
        name=name,
        classes=tuple(class_name(f) for f in labels),
        folders=labels,
        train=train,
        val=val,
        test=test,
        statistics=statistics_of(train.images),
        digest=_digest(images, kept),
        notices=(*_skipped(failures, len(entries)), *_lone_patients(kept, labels)),
    )


def _require_memory(images: int, geometry: Geometry) -> None:
    """Check that the images can be held in memory, before the first is read."""
    needed, there = 4 * images * geometry.height * geometry.width, _memory()
    if there is not None and needed > there:
        raise InputError(
            f"{images:,} images of {geometry.height} × {geometry.width} pixels need "
            f"{needed / 1e9:,.0f} GB of memory, this machine has {there / 1e9:,.0f} GB; choose a "
            f"smaller --size."
        )


def _memory() -> int | None:
    """Bytes of memory that this machine has; None where it does not say."""
    if "SC_PHYS_PAGES" not in getattr(os, "sysconf_names", ()):
        return None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _read(
    files: ImageFiles, entries: Sequence[Entry], geometry: Geometry
) -> tuple[FloatArray, dict[Entry, InputError]]:
    """The images that can be read, in order, and what is wrong with the others.

    One array holds all splits, so that no image is ever in memory twice.
    """
    images = np.empty((len(entries), geometry.height, geometry.width), np.float32)
    failures: dict[Entry, InputError] = {}
    displays = displays_ahead(files.read, (e.path for e in entries), geometry)
    for place, (entry, display) in enumerate(zip(entries, displays, strict=True)):
        if isinstance(display, InputError):
            failures[entry] = display
        else:
            images[place - len(failures)] = display
    return read_only(images[: len(entries) - len(failures)]), failures


def _require_readable(
    kept: Sequence[Entry], labels: Sequence[str], failures: Mapping[Entry, InputError]
) -> None:
    try:
        require_every_class(kept, labels)
    except InputError as error:
        entry, why = next(iter(failures.items()))
        raise InputError(f"{error} The first that can't be read is {entry.path}: {why}") from error


def _split(
    images: FloatArray, kept: Sequence[Entry], split: str, labels: Sequence[str]
) -> ImageSet:
    places = [place for place, entry in enumerate(kept) if entry.split == split]
    chosen = slice(places[0], places[-1] + 1)
    return ImageSet(
        images[chosen],
        read_only(np.array([labels.index(e.label) for e in kept[chosen]], np.int64)),
        tuple(patient_of(e.path) for e in kept[chosen]),
    )


def statistics_of(images: FloatArray) -> DatasetStatistics:
    """Mean and standard deviation of all pixels of (N, H, W) images in the display domain."""
    means = [image.mean(dtype=np.float64) for image in images]
    variances = [image.var(dtype=np.float64) for image in images]
    variance = float(np.mean(variances) + np.var(means))  # within the images and between them
    return DatasetStatistics(float(np.mean(means)), max(variance, 1e-12) ** 0.5)


def _digest(images: FloatArray, kept: Sequence[Entry]) -> str:
    total = sha256()
    for entry, image in zip(kept, images, strict=True):
        total.update(f"{entry.split}/{entry.path}".encode())
        total.update(image)
    return total.hexdigest()


def _lone_patients(kept: Sequence[Entry], labels: Sequence[str]) -> tuple[str, ...]:
    """Intervals resample the patients of test, which says nothing where there is one."""
    patients = {
        label: {patient_of(e.path) for e in kept if (e.split, e.label) == ("test", label)}
        for label in labels
    }
    lone = [label for label, found in patients.items() if len(found) == 1]
    if not lone:
        return ()
    return (f"In test/ all images of {', '.join(lone)} are of one patient: trust no interval.",)


def _skipped(failures: Mapping[Entry, object], images: int) -> tuple[str, ...]:
    if not failures:
        return ()
    skipped = [entry.path for entry in failures]
    names = ", ".join(skipped[:_NAMED]) + (", ..." if len(skipped) > _NAMED else "")
    return (f"Skipped {len(skipped):,} of {images:,} images that can't be read: {names}.",)
