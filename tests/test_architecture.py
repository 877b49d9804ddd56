"""Which room may import which, read from the source: imports point down and never round."""

import ast
import importlib
import sys
from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.source_tree import FLOOR_OF, PACKAGE, SOURCES, TREES, name_of, room_of

RUNTIMES = {"tensorflow", "keras", "jax", "torch", "onnxruntime", "ai_edge_litert"}
HEAVY = RUNTIMES | {"pydicom", "tifffile", "imagecodecs", "skimage", "scipy", "pyarrow", "ray"}
HEAVY |= {"highdicom", "reportlab", "fastapi", "uvicorn", "dicomweb_client"}
ARRAY_LIBRARIES = {"numpy", "skimage", "PIL", "pydantic", "lazy_loader"}
# Loaded only once a file, a document or a command needs them; so what they need may be, too.
LOADED_LATE = (*("training", "http", "pacs", "readers/dicom", "documents/dicom", "documents/pdf"),)
FILES_IN_A_ROOM = 15


def face_of(path: Path) -> dict[str, str]:
    """The public names of a package and the module that defines each, read from its stub."""
    stub, own = path.with_suffix(".pyi"), name_of(path)
    nodes = ast.parse(stub.read_text()).body if stub.is_file() else []
    return {
        alias.name: f"{own}.{node.module}"
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


FACES = {name: face_of(path) for name, path in SOURCES.items() if path.name == "__init__.py"}


def targets(nodes: Iterable[ast.AST]) -> set[str]:
    """Names of all modules that the import statements among ``nodes`` load."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                behind = FACES.get(node.module, {}).get(alias.name, node.module)
                found.add(inside if inside in SOURCES else behind)
    return found


IMPORTS = {name: targets(ast.walk(tree)) for name, tree in TREES.items()}
OURS = {name: {t for t in found if t.startswith("xray_app.")} for name, found in IMPORTS.items()}


def part_of(name: str) -> str:
    """The sub-room that a module lies in; the module itself where it lies in the room."""
    parts = name.split(".")
    inside = name in SOURCES and SOURCES[name].name != "__init__.py"
    return ".".join(parts[:3]) if len(parts) > 3 or inside else f"{name}.__init__"


def test_every_folder_is_a_known_room() -> None:
    rooms = {p.name for p in PACKAGE.iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert rooms == set(FLOOR_OF)


@pytest.mark.parametrize("name", SOURCES)
def test_imports_point_down(name: str) -> None:
    own = room_of(name)
    rooms = {room_of(target) for target in OURS[name]} - {own}
    if own in FLOOR_OF:
        assert {room for room in rooms if room and FLOOR_OF[room] >= FLOOR_OF[own]} == set()


def test_no_files_import_each_other_in_a_ring() -> None:
    TopologicalSorter(OURS).prepare()


def test_no_sub_rooms_import_each_other_in_a_ring() -> None:
    graph: dict[str, set[str]] = {}
    for name, found in OURS.items():
        graph.setdefault(part_of(name), set()).update(map(part_of, found))
    TopologicalSorter({part: found - {part} for part, found in graph.items()}).prepare()


@pytest.mark.parametrize("folder", sorted({path.parent for path in SOURCES.values()}), ids=str)
def test_no_room_is_a_drawer(folder: Path) -> None:
    own = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
    assert len(own) <= FILES_IN_A_ROOM


@pytest.mark.parametrize("name", SOURCES)
def test_libraries_stay_in_their_rooms(name: str) -> None:
    own, tree = room_of(name), TREES[name]
    assert not any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(tree))
    libraries = {target.split(".")[0] for target in IMPORTS[name]}
    if own not in {"engines", "training"}:
        assert not libraries & RUNTIMES
    if own != "ui":
        assert "streamlit" not in libraries
    if own == "core":
        assert libraries - {"xray_app"} - set(sys.stdlib_module_names) <= ARRAY_LIBRARIES


@pytest.mark.parametrize("name", SOURCES)
def test_heavy_libraries_are_imported_where_they_are_used(name: str) -> None:
    """The page paints, and a PNG is read, before any of these is loaded."""
    late = any(SOURCES[name].is_relative_to(PACKAGE / part) for part in LOADED_LATE)
    at_the_top = {target.split(".")[0] for target in targets(TREES[name].body)}
    assert late or not at_the_top & HEAVY


@pytest.mark.parametrize("name", SOURCES)
def test_other_rooms_are_entered_by_their_faces(name: str) -> None:
    own = room_of(name)
    for node in ast.walk(TREES[name]):
        if (
            isinstance(node, ast.ImportFrom)
            and node.module
            and room_of(node.module) not in {"", own}
        ):
            asked = {alias.name for alias in node.names}
            assert asked <= set(FACES.get(node.module, {})), node.module


@pytest.mark.parametrize("name", FACES)
def test_a_face_says_what_its_room_does(name: str) -> None:
    face = importlib.import_module(name)
    assert ast.get_docstring(TREES[name])
    assert sorted(getattr(face, "__all__", ())) == sorted(FACES[name])
    for public in FACES[name]:
        assert getattr(face, public) is not None


def imported_names(tree: ast.AST) -> Iterator[str]:
    """Every name that an import statement asks for, its module in front."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_nothing_is_imported_from_a_test_module() -> None:
    """Neither by another one nor by a helper: what several of them use lies beside them."""
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for name in imported_names(ast.parse(path.read_text()))
        if any(part.startswith("test_") for part in name.split("."))
    ]
    assert not found, "\n".join(found)
