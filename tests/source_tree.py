"""The app's source as its tests read it: the rooms, their floors, and every file's syntax tree."""

import ast
from pathlib import Path

from tests.conftest import ROOT

PACKAGE = ROOT / "xray_app"
# From the bottom up: a room imports from rooms of the lines above its own, and from no other.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("core",),
    ("cards", "samples"),
    ("readers", "engines", "explain", "study"),
    ("anatomy", "gate", "pacs", "pipeline", "training"),
    ("diagnosis",),
    ("presentation", "inspection", "evaluation"),
    ("batch", "documents", "http"),
    ("ui", "commands", "library"),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text()) for name, path in SOURCES.items()}


def room_of(name: str) -> str:
    parts = name.split(".")
    return parts[1] if parts[0] == "xray_app" and len(parts) > 1 else ""
