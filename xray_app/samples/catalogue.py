"""The sample radiographs that ship with the app: drawn by a generative model, of no patient."""

from functools import cache
from pathlib import Path

from xray_app.core import UnknownChoice

_FOLDER = Path(__file__).parent


def list_samples() -> tuple[str, ...]:
    """Names of the samples, in alphabetical order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.png")))


def sample_label(name: str) -> str:
    """What a person reads: "viral_pneumonia_2" is "Viral pneumonia 2"."""
    return name.replace("_", " ").capitalize()


@cache
def read_sample(name: str) -> bytes:
    """Return the sample's PNG file.

    Raises:
        UnknownChoice: there is no such sample.
    """
    if name not in list_samples():
        raise UnknownChoice.of("sample", name, list_samples())
    return (_FOLDER / f"{name}.png").read_bytes()
