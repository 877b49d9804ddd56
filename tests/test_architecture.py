"""Which room may import which, read from the source."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "xray_app"
ROOMS = (
    "core",
    "cards",
    "readers",
    "engines",
    "explain",
    "services",
    "evaluation",
    "study",
    "inspection",
    "presentation",
    "diagnosis",
    "gate",
    "samples",
    "training",
    "batch",
    "documents",
    "http",
)
ALLOWED: dict[str, set[str]] = {
    "evaluation": set(ROOMS),
    "study": set(ROOMS),
    "inspection": set(ROOMS),
    "presentation": set(ROOMS),
    "diagnosis": set(ROOMS),
    "gate": set(ROOMS),
    "core": set(),
    "samples": {"core"},
    "readers": {"core"},
    "engines": {"core", "cards"},
    "explain": set(ROOMS),
    "training": set(ROOMS),
    "services": set(ROOMS),
    "cards": {"core"},
    "batch": set(ROOMS),
    "documents": set(ROOMS),
    "http": set(ROOMS),
    "commands": set(ROOMS),
    "ui": set(ROOMS),
}
RUNTIMES = {"tensorflow", "keras", "jax", "torch", "onnxruntime"}
ARRAY_LIBRARIES = {"numpy", "skimage", "PIL", "pydantic"}
FILES = sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            names.add(node.module or "")
    return names


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def test_every_folder_is_a_known_room() -> None:
    rooms = {p.name for p in PACKAGE.iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert rooms == set(ALLOWED)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_follow_the_one_direction(path: Path) -> None:
    names, own = imported(path), room(path)
    if own:
        rooms = {n.split(".")[1] for n in names if n.startswith("xray_app.")}
        assert rooms <= ALLOWED[own] | {own}
    libraries = {n.split(".")[0] for n in names}
    if own not in {"engines", "training"}:
        assert not libraries & RUNTIMES
    if own != "ui":
        assert "streamlit" not in libraries
    if own == "core":
        third_party = libraries - {"xray_app"} - set(__import__("sys").stdlib_module_names)
        assert third_party <= ARRAY_LIBRARIES


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_stay_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 250


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_heavy_libraries_are_imported_where_they_are_used(path: Path) -> None:
    """The page paints, and a PNG is read, before any of these is loaded."""
    lazy = RUNTIMES | {"pydicom", "tifffile", "imagecodecs", "skimage", "scipy"}
    lazy |= {"pyarrow", "ray", "highdicom", "reportlab", "fastapi", "uvicorn"}
    top_level = {
        name.split(".")[0]
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module]
        )
        if name
    }
    if (
        room(path) not in {"training", "http"}
        and not {"dicom", "pdf"} & set(path.parent.parts)
        and path.stem not in {"voi"}
    ):
        assert not top_level & lazy
