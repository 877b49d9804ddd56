"""From a folder or a zip of images to arrays at the model's size."""

import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from xray_app.core.errors import InputError, first_line
from xray_app.core.records import FloatArray, read_only
from xray_app.core.resampling import resize
from xray_app.core.scale import DatasetStatistics
from xray_app.training.layout import (
    SPLITS,
    Entry,
    arrange,
    class_name,
    ordered_classes,
    require_every_class,
)

_LARGEST_FILE = 256 * 2**20
_NAMED = 5


@dataclass(frozen=True, slots=True, eq=False)
class ImageSet:
    """One split: images (N, H, W) uint8 and their classes (N,), read-only."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

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


def load_dataset(path: Path, size: int, negative: str | None = None) -> Dataset:
    """Read every image of a folder or zip, as gray at ``size`` x ``size`` pixels.

    An image that can't be decoded is skipped and named in a notice.

    Raises:
        InputError: the data can't be opened, has another layout, or a class is empty.
    """
    try:
        if path.is_dir():
            return _load(_folder(path), size, negative)
        with zipfile.ZipFile(path) as archive:
            return _load(_zip(path.stem, archive), size, negative)
    except zipfile.BadZipFile as error:
        raise InputError(f"Expected a folder or a zip of images, received {path.name}.") from error
    except OSError as error:
        raise InputError(f"Can't read {path.name}: {first_line(error)}.") from error


@dataclass(frozen=True, slots=True)
class _Source:
    """A folder or a zip: names inside it, and how to read one of them."""

    name: str
    files: list[str]
    folders: list[str]
    read: Callable[[str], bytes]


def _folder(root: Path) -> _Source:
    found = [(p, p.relative_to(root).as_posix()) for p in root.rglob("*")]
    shown = [(p, name) for p, name in found if not _is_hidden(name)]
    files = [name for p, name in shown if p.is_file()]
    folders = [name for p, name in shown if p.is_dir()]
    return _Source(root.resolve().name, files, folders, lambda name: (root / name).read_bytes())


def _zip(name: str, archive: zipfile.ZipFile) -> _Source:
    infos = [i for i in archive.infolist() if not _is_hidden(i.filename)]
    files = [i.filename for i in infos if not i.is_dir() and i.file_size <= _LARGEST_FILE]
    folders = [i.filename.rstrip("/") for i in infos if i.is_dir()]
    return _Source(name, files, folders, archive.read)


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))


def _load(source: _Source, size: int, negative: str | None) -> Dataset:
    entries = arrange(source.files, source.folders)
    labels = ordered_classes((e.label for e in entries), negative)
    decoded = {
        e: image for e in entries if (image := _decoded(source.read, e.path, size)) is not None
    }
    require_every_class(list(decoded))
    train, val, test = (_gather(decoded, split, labels) for split in SPLITS)
    return Dataset(
        source.name,
        tuple(class_name(f) for f in labels),
        labels,
        train,
        val,
        test,
        statistics_of(train.images),
        digest=_digest(decoded),
        notices=_notices(entries, decoded),
    )


def statistics_of(images: NDArray[np.uint8]) -> DatasetStatistics:
    """Mean and standard deviation of all pixels of (N, H, W) uint8, in display units [0, 1]."""
    levels = sum(np.bincount(image.reshape(-1), minlength=256) for image in images)
    values = np.arange(256) / 255
    mean = float(np.average(values, weights=levels))
    variance = float(np.average((values - mean) ** 2, weights=levels))
    return DatasetStatistics(mean, max(variance, 1e-12) ** 0.5)


def _gather(
    decoded: Mapping[Entry, NDArray[np.uint8]], split: str, labels: Sequence[str]
) -> ImageSet:
    chosen = [e for e in decoded if e.split == split]
    images = np.stack([decoded[e] for e in chosen])
    return ImageSet(
        read_only(images), read_only(np.array([labels.index(e.label) for e in chosen], np.int64))
    )


def _decoded(read: Callable[[str], bytes], path: str, size: int) -> NDArray[np.uint8] | None:
    """Decode one image; None when it is damaged, so that one among many does not stop the rest."""
    try:
        with warnings.catch_warnings():
            # Pillow warns where an image is suspiciously large, and of damaged metadata.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(read(path))) as image:
                display = _display(image)
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        RuntimeError,  # an encrypted file in a zip
        zipfile.BadZipFile,
        zlib.error,
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ):
        return None
    levels = np.rint(resize(display, size, size).clip(0, 1) * 255)
    return np.asarray(levels, np.uint8)


def _display(image: Image.Image) -> FloatArray:
    if image.mode.startswith("I"):  # Pillow's own conversion would clip 16 bits to white
        return np.asarray(image, np.float32) / np.float32(65535)
    return np.asarray(image.convert("L"), np.float32) / np.float32(255)


def _digest(decoded: Mapping[Entry, NDArray[np.uint8]]) -> str:
    total = sha256()
    for entry, image in decoded.items():
        total.update(f"{entry.split}/{entry.path}".encode())
        total.update(image.tobytes())
    return total.hexdigest()


def _notices(entries: Sequence[Entry], decoded: Mapping[Entry, object]) -> tuple[str, ...]:
    skipped = [e.path for e in entries if e not in decoded]
    if not skipped:
        return ()
    names = ", ".join(skipped[:_NAMED]) + (", ..." if len(skipped) > _NAMED else "")
    return (f"Skipped {len(skipped):,} of {len(entries):,} images that can't be read: {names}.",)
