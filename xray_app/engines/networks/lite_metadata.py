"""What a TFLite file's own metadata says: labels, and the normalization that its makers used.

The metadata is a FlatBuffer in one of the model's buffers; files that it speaks of, such as labels,
are a zip archive behind the model (TensorFlow Lite Metadata, metadata_schema.fbs).
"""

import io
import zipfile
from typing import Any

from xray_app.core.normalization import Channels

_NAME = b"TFLITE_METADATA"
_LARGEST_LABELS = 1_000_000  # bytes
_MOST_LABELS = 5_000
# Where fields stand in their tables, by the schemas of the model and of its metadata.
_BUFFERS, _METADATA = 4, 6
_DATA, _ENTRY_NAME, _ENTRY_BUFFER = 0, 0, 1
_SUBGRAPHS, _INPUTS, _UNITS = 3, 2, 4
_OPTIONS_TYPE, _OPTIONS, _NORMALIZATION = 0, 1, 1
_MEAN, _STD = 0, 1


def read_labels(data: bytes) -> tuple[str, ...]:
    """The lines of the label file behind the model; nothing where there is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [n for n in archive.namelist() if n.endswith(".txt") and "label" in n.lower()]
            if not names or archive.getinfo(names[0]).file_size > _LARGEST_LABELS:
                return ()
            text = archive.read(names[0]).decode("utf-8", "replace")
    # What zipfile raises of a damaged, an unknown and an encrypted archive; labels are not needed.
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return ()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return tuple(lines[:_MOST_LABELS])


def read_normalization(data: bytes) -> tuple[Channels, Channels] | None:
    """Mean and deviation of ``(x - mean) / std`` for the image; None where nothing is said."""
    try:
        return _normalization(data)
    except Exception:  # noqa: BLE001 - a stranger's offsets point anywhere, and raise anything
        return None


def _normalization(data: bytes) -> tuple[Channels, Channels] | None:
    import flatbuffers

    root = _root(data)
    for entry in _tables(root, _METADATA):
        if entry.String(entry.Offset(_at(_ENTRY_NAME)) + entry.Pos) != _NAME:
            continue
        place = entry.Offset(_at(_ENTRY_BUFFER))
        number = entry.Get(flatbuffers.number_types.Uint32Flags, entry.Pos + place) if place else 0
        buffer = list(_tables(root, _BUFFERS))[number]
        length = buffer.Offset(_at(_DATA))
        start = buffer.Vector(length)
        described = _root(bytes(data[start : start + buffer.VectorLen(length)]))
        return _of_image(described)
    return None


def _of_image(described: Any) -> tuple[Channels, Channels] | None:
    import flatbuffers

    for graph in _tables(described, _SUBGRAPHS):
        for tensor in _tables(graph, _INPUTS):
            for unit in _tables(tensor, _UNITS):
                kind = unit.Offset(_at(_OPTIONS_TYPE))
                flags = flatbuffers.number_types.Uint8Flags
                if not kind or unit.Get(flags, unit.Pos + kind) != _NORMALIZATION:
                    continue
                options = flatbuffers.table.Table(unit.Bytes, 0)
                unit.Union(options, unit.Offset(_at(_OPTIONS)))
                mean, std = _floats(options, _MEAN), _floats(options, _STD)
                if mean and std and all(std):
                    return mean, std
    return None


def _root(data: bytes) -> Any:
    import flatbuffers

    place = flatbuffers.encode.Get(flatbuffers.packer.uoffset, data, 0)
    return flatbuffers.table.Table(bytearray(data), place)


def _at(field: int) -> int:
    return 4 + 2 * field


def _tables(table: Any, field: int) -> list[Any]:
    import flatbuffers

    place = table.Offset(_at(field))
    if not place:
        return []
    start = table.Vector(place)
    return [
        flatbuffers.table.Table(table.Bytes, table.Indirect(start + 4 * n))
        for n in range(min(table.VectorLen(place), 100_000))
    ]


def _floats(table: Any, field: int) -> Channels:
    import flatbuffers

    place = table.Offset(_at(field))
    if not place:
        return ()
    start = table.Vector(place)
    flags = flatbuffers.number_types.Float32Flags
    return tuple(
        float(table.Get(flags, start + 4 * n)) for n in range(min(table.VectorLen(place), 4))
    )
