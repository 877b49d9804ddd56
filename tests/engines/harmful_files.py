"""Model files that have to be refused: what would run code, and what Keras never writes."""

import json
import os
import zipfile
from pathlib import Path
from typing import Any


class Intruder:
    """Makes a folder as soon as its pickle is opened."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.marker),)


def archive(path: Path, config: Any, **members: bytes) -> Path:
    """A .keras file with this description and other members, ``__`` for a dot in their names."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        for name, content in members.items():
            file.writestr(name.replace("__", "."), content)
    return path
