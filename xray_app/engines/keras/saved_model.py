"""Reading a model that a stranger brought, without running anything that is in the file.

A saved Keras model is a description (JSON) and numbers (HDF5). The description is checked against
a list of Keras' own layers before Keras sees it; whatever is not on the list may carry code, read
files or need code from elsewhere, and is refused. Pickles, which run code when they are read, are
never opened.
"""

import json
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from xray_app.cards import ModelCard
from xray_app.core import UnreadableFile, UnsupportedFile, XrayAppError, first_line, read_bytes
from xray_app.engines.keras.allowed_objects import ALLOWED
from xray_app.engines.keras.architectures import load_from_card
from xray_app.engines.keras.bounds import check_inputs, weights_within
from xray_app.engines.keras.keras2 import TENSORFLOW_CALLS, modernized
from xray_app.engines.keras.preprocessing import all_layers

_ZIP, _HDF5 = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"
_PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
_WEBPAGE = ("an HTML page", "download the file itself, not the page about it")
# What is often taken for a model, by how it begins.
_STRANGERS = {
    b"version https://git-lfs": (
        "a Git LFS pointer and not the file itself",
        "fetch it with git lfs pull",
    ),
    b"<!doctype html": _WEBPAGE,
    b"<html": _WEBPAGE,
}
_WEIGHTS = "model.weights.h5"
_MEMBERS = {"config.json", "metadata.json", _WEIGHTS}
_LARGEST_CONFIG = 64 * 2**20
_LONGEST_REASON = 200  # characters


@dataclass(frozen=True, slots=True, eq=False)
class SavedModel:
    """What a file holds: ``config`` is the checked description, None for weights alone.

    ``weight_bytes`` is the length of the part that holds the weights, unpacked.
    """

    path: Path
    file_format: Literal["keras", "h5", "weights"]
    config: dict[str, Any] | None
    keras_version: str | None
    weight_bytes: int

    @property
    def is_from_keras_2(self) -> bool:
        """Whether Keras 2 wrote it, or one older still, which wrote no version."""
        return self.config is not None and is_old(self.keras_version)


def read_saved_model(path: Path) -> SavedModel:
    """Find out what ``path`` is and check its description; Keras is not needed for that.

    Raises:
        UnreadableFile: the file can't be read or is damaged.
        UnsupportedFile: it is of another kind, or holds code or objects that are not Keras' own.
    """
    if path.is_dir():
        raise UnsupportedFile(
            f"Expected a Keras model (.keras, or .h5), received the folder {path.name}, such as "
            "TensorFlow's SavedModel; save the model with model.save('model.keras')."
        )
    start = read_bytes(path, most=40)
    if start.startswith(_ZIP):
        return _read_archive(path)
    if start.startswith(_HDF5):
        return _read_hdf5(path)
    if start.startswith(_PICKLES):
        raise UnsupportedFile(
            f"Refused {path.name}: it is a Python pickle, which runs code when it is read; save "
            "the model as .keras."
        )
    what, remedy = _STRANGERS.get(
        next((known for known in _STRANGERS if start.lstrip().lower().startswith(known)), b""),
        ("neither by its content", "save the model with model.save('model.keras')"),
    )
    raise UnsupportedFile(
        f"Expected a Keras model (.keras, or .h5), received {path.name}, which is {what}; {remedy}."
    )


def load_saved_model(saved: SavedModel, card: ModelCard | None) -> Any:
    """Build the ``keras.Model`` and load its weights; weights alone are built from ``card``.

    Raises:
        UnsupportedFile: Keras can't build it, or there is no card for weights alone.
        CardError, WeightsError: the card names no known architecture, or the weights don't fit.
    """
    if saved.config is None:
        if card is None:
            raise UnsupportedFile(
                f"{saved.path.name} holds weights alone; add the card that names the architecture."
            )
        return load_from_card(card, saved.path)
    _require_suffix(saved)
    import keras

    check_inputs(saved.config)
    try:
        with weights_within(saved.weight_bytes):
            if saved.file_format == "h5" and not saved.is_from_keras_2:
                return keras.saving.load_model(saved.path, compile=False, safe_mode=True)
            # From the description that was checked, not from the file anew.
            model = keras.saving.deserialize_keras_object(saved.config, safe_mode=True)
            _load_weights(model, saved)
    except XrayAppError:
        raise
    except Exception as error:  # Keras raises many types here
        raise UnsupportedFile(
            f"Keras can't load {saved.path.name}{_writer(saved.keras_version)}: "
            f"{_shortened(first_line(error))}"
        ) from error
    return model


def _load_weights(model: Any, saved: SavedModel) -> None:
    model.load_weights(saved.path)
    if saved.is_from_keras_2:
        for _, layer in all_layers(model):
            if getattr(layer, "adapt_mean", None) is not None:
                layer.finalize_state()  # Keras 3 forgets to, after weights of a legacy .h5


def _writer(version: str | None) -> str:
    return f" (saved by Keras {version[:20]})" if version else ""


def _shortened(sentence: str) -> str:
    """Keras puts whole descriptions into its messages."""
    return sentence if len(sentence) <= _LONGEST_REASON else f"{sentence[:_LONGEST_REASON]}…"


def _require_suffix(saved: SavedModel) -> None:
    suffixes = (".keras",) if saved.file_format == "keras" else (".h5", ".hdf5")
    if saved.path.suffix not in suffixes:
        raise UnsupportedFile(
            f"Expected a name that ends in {suffixes[0]}, which {saved.path.name} is by its "
            "content; rename it."
        )


def _read_archive(path: Path) -> SavedModel:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name for name in archive.namelist() if not name.endswith("/")}
            others = sorted(names - _MEMBERS)
            if "config.json" not in names or others:
                raise UnsupportedFile(_describe_archive(path, others))
            if archive.getinfo("config.json").file_size > _LARGEST_CONFIG:
                raise UnsupportedFile(f"Refused {path.name}: its description is over 64 MiB.")
            config = json.loads(archive.read("config.json"))
            weights = archive.getinfo(_WEIGHTS).file_size if _WEIGHTS in names else 0
            metadata = json.loads(archive.read("metadata.json")) if "metadata.json" in names else {}
    except (zipfile.BadZipFile, ValueError, OSError, RecursionError) as error:
        raise UnreadableFile(f"{path.name} is damaged: {first_line(error)}.") from error
    version = metadata.get("keras_version")
    return SavedModel(path, "keras", _checked(config, path, version), version, weights)


def _describe_archive(path: Path, others: list[str]) -> str:
    found = f"it holds {others[0]}" if others else "it has no config.json"
    if any(name.endswith((".pkl", ".pickle", ".npz")) for name in others):
        found += ", which can be a Python pickle that runs code when it is read"
    return (
        f"Refused {path.name}: a .keras file holds config.json, metadata.json and "
        f"model.weights.h5, but {found}; save the model with model.save('model.keras')."
    )


def _read_hdf5(path: Path) -> SavedModel:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            config, version = file.attrs.get("model_config"), file.attrs.get("keras_version")
        parsed = None if config is None else json.loads(config)
    except (OSError, ValueError, KeyError, RuntimeError, RecursionError) as error:
        raise UnreadableFile(f"{path.name} is damaged: {first_line(error)}.") from error
    size = path.stat().st_size
    if parsed is None:
        return SavedModel(path, "weights", None, None, size)
    version = _text(version)
    return SavedModel(path, "h5", _checked(parsed, path, version), version, size)


def _text(value: Any) -> str | None:
    return value.decode() if isinstance(value, bytes) else value


def is_old(version: str | None) -> bool:
    """Whether a version is one before Keras 3; no version is."""
    return version is None or version.partition(".")[0] in ("0", "1", "2")


def _checked(config: Any, path: Path, version: str | None) -> dict[str, Any]:
    """Return the description without what only training needs, refusing what may hold code.

    One that Keras 2 wrote is returned in the terms of Keras 3.
    """
    try:
        checked = _without_training(config)
        if is_old(version):
            checked = _modern(checked, path, version)
        _refuse_code(checked, path.name, "")
    except RecursionError as error:
        raise UnsupportedFile(f"Refused {path.name}: its description nests too deep.") from error
    if not isinstance(checked, dict) or "class_name" not in checked:
        raise UnsupportedFile(f"Expected {path.name} to describe a Keras model, it does not.")
    return checked


def _modern(config: Any, path: Path, version: str | None) -> Any:
    _refuse_code(config, path.name, "", TENSORFLOW_CALLS)  # told as it stands in the file
    try:
        return modernized(config)
    except UnsupportedFile as error:
        raise UnsupportedFile(f"Refused {path.name}{_writer(version)}: {error}.") from error
    # Whatever comes of taking something else for a description.
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise UnsupportedFile(
            f"Refused {path.name}{_writer(version)}: its description is none that Keras writes."
        ) from error


def _without_training(node: Any) -> Any:
    if isinstance(node, dict):
        return {k: _without_training(v) for k, v in node.items() if k != "compile_config"}
    return [_without_training(item) for item in node] if isinstance(node, list) else node


def _refuse_code(node: Any, file: str, owner: str, translated: Collection[str] = ()) -> None:
    if isinstance(node, list):
        for item in node:
            _refuse_code(item, file, owner, translated)
    if not isinstance(node, dict):
        return
    kind = node.get("class_name")
    config = node.get("config")
    name = str(config.get("name", owner)) if isinstance(config, dict) else owner
    if kind in ("Lambda", "__lambda__"):
        raise UnsupportedFile(
            f"Refused {file}: layer {name!r} is a Lambda, that is Python code inside the file, and "
            "no code from a file is run here; replace it by a Rescaling or another layer of Keras."
        )
    if kind is not None and kind not in translated and not _is_keras_own(node):
        raise UnsupportedFile(
            f"Refused {file}: {name!r} is a {kind}, which is not one of the layers of Keras that "
            "are known to run no code and read no files; save the model with Keras' own layers."
        )
    for value in node.values():
        _refuse_code(value, file, name, translated)


def _is_keras_own(node: dict[str, Any]) -> bool:
    kind, module = node["class_name"], node.get("module")
    registered = node.get("registered_name")
    return (
        isinstance(kind, str)
        and kind in ALLOWED
        and (module is None or str(module).split(".")[0] == "keras")
        and registered in (None, kind)
    )
