"""One file of a stranger, recognised by its content, loaded under limits and measured.

``examine_network`` is made to be called through ``call_in_child``.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from xray_app.core import UnreadableFile, UnsupportedFile, XrayAppError, read_bytes, sha256_of
from xray_app.engines.facts import ModelFacts, channel_order
from xray_app.engines.networks.measuring import (
    measure_blank_ratios,
    measure_exchange,
    measure_layers,
    measure_maps,
    measure_outputs,
    measure_ranges,
)
from xray_app.engines.networks.network import Network

NETWORK_SUFFIXES = (".onnx", ".tflite")
NETWORK_MEMORY = 6 * 2**30  # address space; a network of 500 MB takes half of it
_LITE = b"TFL3"
# An ONNX file begins with its version, field 1 of its message.
_ONNX = b"\x08"
_PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
_ZIP, _HDF5 = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"
_OTHERS = {
    _ZIP: "a zip archive, such as Keras' or PyTorch's files",
    _HDF5: "an HDF5 file, such as Keras' older files",
    b"version https://git-lfs": "a Git LFS pointer and not the file itself",
    b"<!doctype html": "an HTML page",
    b"<html": "an HTML page",
}


def is_network(path: Path) -> bool:
    """Whether the file is, by content or else by name, ONNX or TFLite.

    Raises:
        UnreadableFile: it can't be read.
    """
    if path.is_dir():
        return False
    start = _start_of(path)
    if start[4:8] == _LITE or start.startswith(_ONNX):
        return True
    return path.suffix.lower() in NETWORK_SUFFIXES


def load_network(path: Path) -> Network:
    """Load it with the runtime that it is made for.

    Raises:
        UnreadableFile, UnsupportedFile: it is damaged, or of another kind.
    """
    with _damaged_if_it_fails(path):
        return _loaded(path)


@contextlib.contextmanager
def _damaged_if_it_fails(path: Path) -> Iterator[None]:
    """What comes of a description that points anywhere is told as what it is."""
    try:
        yield
    except (XrayAppError, MemoryError):
        raise
    except Exception as error:
        raise UnreadableFile(
            f"{path.name} is damaged, or not put together as a classifier is "
            f"({type(error).__name__}); export or copy it again."
        ) from error


def _loaded(path: Path) -> Network:
    if not is_network(path):
        from xray_app.engines.networks.keras_network import KerasNetwork

        return KerasNetwork(path)
    start = _start_of(path)
    if start.startswith(_PICKLES):
        raise UnsupportedFile(
            f"Refused {path.name}: it is a Python pickle, which runs code when it is read; export "
            "the model as ONNX."
        )
    for known, what in _OTHERS.items():
        if start.lstrip().lower().startswith(known.lower()):
            raise UnsupportedFile(
                f"Expected an ONNX or TFLite model, received {path.name}, which is {what}; name "
                "the file as what it is, or export the model as ONNX."
            )
    if start[4:8] == _LITE or path.suffix.lower() == ".tflite":
        from xray_app.engines.networks.lite_network import LiteNetwork

        return LiteNetwork(path)
    from xray_app.engines.networks.onnx_network import OnnxNetwork

    return OnnxNetwork(path)


def examine_network(path: Path) -> ModelFacts:
    """Load the network in ``path`` and measure it.

    Raises:
        UnreadableFile, UnsupportedFile: it is damaged, or is no classifier of images.
    """
    network = load_network(path)
    with np.errstate(all="ignore"), _damaged_if_it_fails(path):
        return _measured(network, path)


def _measured(network: Network, path: Path) -> ModelFacts:
    image = network.image
    count, kind, milliseconds = measure_outputs(network)
    layers, affine = measure_layers(network)
    order = channel_order(affine, exchanged=measure_exchange(network))
    return ModelFacts(
        file=path.name,
        file_format=network.file_format,
        sha256=sha256_of(path),
        keras_version=None,
        architecture=None,
        input_shape=(image.height, image.width, image.channels),
        outputs=count,
        activation=network.ending,
        dropout=0.0,
        dtypes=network.dtypes,
        layers=layers,
        affine=affine,
        ranges=measure_ranges(network),
        blank_ratios=measure_blank_ratios(network),
        other_outputs=network.other_outputs,
        layout=image.layout,
        channel_order="gray" if image.channels == 1 else order,
        output_kind=kind,
        input_dtype=image.dtype,
        quantization=image.quantization,
        maps=measure_maps(network),
        labels=network.labels if len(network.labels) == count else (),
        declared=network.declared,
        pass_ms=milliseconds,
        producer=network.producer,
    )


def _start_of(path: Path) -> bytes:
    return read_bytes(path, most=40)
