"""Read what the gate is fitted to and reported on, and the statistics that it reads of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path, PurePosixPath

import numpy as np

from xray_app.cards import model_inputs
from xray_app.core import EngineError, FloatArray, InputError, Kind, patient_of
from xray_app.core.images import Geometry
from xray_app.engines import Engine
from xray_app.evaluation.gate.image_sets import Group, ImageSet, Others, Source
from xray_app.evaluation.gate.other_images import (
    FIT_DRAWINGS,
    FIT_FILES,
    REPORT_DRAWINGS,
    REPORT_FILES,
    Drawing,
    read_installed,
    views,
)
from xray_app.readers import displays_ahead, named, open_image_files

_BATCH = 16


def read_statistics(engine: Engine, images: Iterable[FloatArray]) -> FloatArray:
    """(N, D) what the gate reads of images (H, W) in the display domain, fed as trained.

    Raises:
        EngineError: the engine does not give what the gate reads.
    """
    parts = []
    for batch in _batches(images):
        read = engine.forward(model_inputs(engine.card, batch)).gate_statistics
        if read is None:
            raise EngineError(f"Model {engine.card.name} does not give what the gate reads.")
        parts.append(read)
    return np.concatenate(parts)


def collect(engine: Engine, kind: Kind, image_set: ImageSet) -> Group:
    """Read the statistics of ``image_set``."""
    return Group(kind, read_statistics(engine, image_set.images), image_set.units)


def read_image_set(data: Path, folder: str, geometry: Geometry, step: int = 1) -> ImageSet:
    """Every ``step``-th image under ``folder`` ("" is all) of a folder or zip.

    Raises:
        InputError: the data can't be opened, hold no image there, or an image can't be read.
    """
    with open_image_files(data) as files:
        inside = [name for name in files.names if not folder or folder in PurePosixPath(name).parts]
        chosen = inside[::step]
        if not chosen:
            raise InputError(f"Expected images in {folder or 'it'} of {data.name}, found none.")
        return _set_of(_read(files.read, chosen, geometry), chosen)


def _whole(name: str, display: FloatArray | InputError) -> FloatArray:
    if isinstance(display, InputError):
        with named(name):
            raise display
    return display


def read_sources(
    data: Path, part: str, geometry: Geometry, others: Others, step: int = 1
) -> dict[str, Source]:
    """Every ``step``-th image of each source of ``part``/GROUP/SOURCE/, by GROUP/SOURCE.

    Args:
        data: a folder or zip with ``fit/`` and ``report/``, cut by patient; GROUP is one of
            ``others``, SOURCE names where its images come from.
        part: "fit" or "report".
        geometry: of the model's input.
        others: what is in which group.
        step: as said.

    Raises:
        InputError: the data can't be opened, hold nobody of the other population there, a group is
            not known, or an image can't be read.
    """
    with open_image_files(data) as files:
        found = _by_source(files.names, data.name, part, others.kinds)
        chosen = {key: names[::step] for key, names in found.items()}
        read = iter(_read(files.read, [n for names in chosen.values() for n in names], geometry))
        return {
            key: Source(others.kinds[key.split("/")[0]], _set_of(islice(read, len(names)), names))
            for key, names in chosen.items()
        }


def require_sources(data: Path, part: str, others: Others, needed: Iterable[str]) -> None:
    """Check that a part has images of each of the sources that are needed there, reading none.

    Raises:
        InputError: it has not; or as ``read_sources``.
    """
    with open_image_files(data) as files:
        found = _by_source(files.names, data.name, part, others.kinds)
    missing = sorted(set(needed) - set(found))
    if missing:
        raise InputError(
            f"Expected images of {', '.join(missing)} in {part}/ of {data.name}, found none; put "
            f"some of its patients there, or leave it out of the other part."
        )


def _by_source(
    names: Iterable[str], data: str, part: str, kinds: Mapping[str, Kind]
) -> dict[str, list[str]]:
    """The files of each source of a part, by GROUP/SOURCE in order."""
    found: dict[str, list[str]] = {}
    for name in names:
        folders = PurePosixPath(name).parts[:-1]
        if len(folders) >= 3 and folders[-3] == part:
            found.setdefault("/".join(folders[-2:]), []).append(name)
    unknown = {key for key in found if key.split("/")[0] not in kinds}
    if unknown or not any(kinds[key.split("/")[0]] == "other_population" for key in found):
        needed = next(group for group, kind in kinds.items() if kind == "other_population")
        raise InputError(
            f"Expected folders {part}/GROUP/SOURCE/ in {data}, GROUP one of {', '.join(kinds)} and "
            f"{needed} among them; received {', '.join(sorted(found)) or 'none'}."
        )
    return {key: found[key] for key in sorted(found)}


def _read(
    read: Callable[[str], bytes], names: Sequence[str], geometry: Geometry
) -> tuple[FloatArray, ...]:
    return tuple(map(_whole, names, displays_ahead(read, names, geometry)))


def _set_of(images: Iterable[FloatArray], names: Sequence[str]) -> ImageSet:
    folders = tuple(PurePosixPath(name).parent.name for name in names)
    return ImageSet(tuple(images), tuple(patient_of(name) for name in names), folders)


def read_other_images(
    size: int, random: np.random.Generator, *, report: bool, views_each: int, drawings_each: int
) -> tuple[ImageSet, tuple[str, ...]]:
    """Images that are no chest film, for fitting or for the report; units name the source.

    Returns:
        The images, and the names of the sources that are real, not drawn.

    Raises:
        InputError: there is no real one.
    """
    files = read_installed(REPORT_FILES if report else FIT_FILES)
    if not files:
        raise InputError(
            "Expected images in the packages scikit-image and pydicom, found none; install both "
            "whole."
        )
    drawings: Sequence[Drawing] = REPORT_DRAWINGS if report else FIT_DRAWINGS
    images: list[FloatArray] = []
    units: list[str] = []
    for name, image in files.items():
        images.extend(islice(views(image, size, random), views_each))
        units.extend([name] * views_each)
    for drawing in drawings:
        images.extend(drawing(size, random) for _ in range(drawings_each))
        units.extend([f"drawn: {drawing.__name__.replace('_', ' ')}"] * drawings_each)
    return ImageSet(tuple(images), tuple(units)), tuple(files)


def _batches(images: Iterable[FloatArray]) -> Iterator[tuple[FloatArray, ...]]:
    iterator = iter(images)
    while batch := tuple(islice(iterator, _BATCH)):
        yield batch
