"""What a run was asked for: as a command to repeat, as settings to record, as a check to resume."""

import shlex
from collections.abc import Collection
from dataclasses import MISSING, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Any

import keras

from xray_app.core import InputError, make_folder, processors, read_record, write_json
from xray_app.training.data.reading import Dataset
from xray_app.training.recipe import Recipe

# Where things lie and how many threads prepare them changes no result.
_PLACES = ("data", "out", "workers")


def command_of(name: str, options: Recipe) -> str:
    """Write the command that repeats a run, without the folders of this machine."""
    out = options.out.name if options.out.is_absolute() else options.out.as_posix()
    words = ["python", "-m", "xray_app", name, options.data.name, "--out", out]
    for f in fields(options):
        value = getattr(options, f.name)
        if f.name in _PLACES or f.default is MISSING or value == f.default:
            continue
        words.append(f"--{'no-' * (value is False)}{f.name.replace('_', '-')}")
        if not isinstance(value, bool):
            words.append(_text(value))
    return shlex.join(words)


def settings_of(options: Recipe, leave_out: Collection[str] = ()) -> dict[str, Any]:
    """Every option that decides the result, as plain values."""
    skipped = {*_PLACES, *leave_out}
    return {
        f.name: _plain(getattr(options, f.name)) for f in fields(options) if f.name not in skipped
    }


def require_same_recipe(
    path: Path, options: Recipe, dataset: Dataset, leave_out: Collection[str] = ()
) -> None:
    """Check that a folder's earlier results came from the same recipe and data, or note them.

    Raises:
        InputError: they did not; each difference is named.
    """
    recipe = {**settings_of(options, leave_out), "data": dataset.digest}
    if not path.exists():
        make_folder(path.parent)
        write_json(path, recipe)
        return
    earlier = read_record(
        path, dict[str, Any], what="recipe", advice="choose another --out", error=InputError
    )
    # An option that was not there yet was at what is its default now.
    earlier = {f.name: _plain(f.default) for f in fields(options) if f.name in recipe} | earlier
    different = [
        f"{name} ({earlier.get(name)} there, {recipe.get(name)} here)"
        for name in sorted({*earlier, *recipe})
        if earlier.get(name) != recipe.get(name)
    ]
    if different:
        raise InputError(
            f"{path.parent.name} holds results of another recipe: {', '.join(different)}; choose "
            f"another --out."
        )


def versions() -> dict[str, str]:
    """Versions of what computes the results."""
    backend = keras.backend.backend()
    found = {"python": python_version(), "keras": keras.__version__, "backend": backend}
    for package in (backend, "numpy", "scikit-image"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # a vendor's build of TensorFlow has another name
            found[package] = "unknown"
    return found


def machine() -> str:
    """What trains, in words: the accelerators of Keras' backend, or else the processor's cores."""
    found = [name for name in keras.distribution.list_devices() if not name.startswith("cpu")]
    if found:
        kind = found[0].split(":")[0].upper()
        return f"{len(found)} {kind}{'' if len(found) == 1 else 's'}"
    cores = processors()
    return f"{cores} processor core{'' if cores == 1 else 's'}"


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return value.name
    return list(value) if isinstance(value, tuple) else value


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "none"
    return str(_plain(value))
