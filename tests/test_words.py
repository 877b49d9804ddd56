"""Public names use the field's words, not those that they replaced (docs/glossary.md)."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.source_tree import SOURCES, TREES

REPLACED = {
    "share", "shares", "person", "persons", "ill", "well", "sound", "canonical", "findings",
    "foreign", "draft", "squares", "quiet", "priming", "framing", "places", "cascade", "kept",
    "turns", "desk", "shelf", "picture", "pictures",
}  # fmt: skip


def words_of(name: str) -> set[str]:
    """ "read_PNGFile" consists of "read", "png" and "file"."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)}


def public_names(body: list[ast.stmt]) -> Iterator[str]:
    """Classes, functions, parameters, constants and attributes that others may use."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name
            yield from public_names(node.body)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name[0] != "_":
            yield node.name
            yield from (a.arg for a in (*node.args.args, *node.args.kwonlyargs))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Assign):
            yield from (t.id for t in node.targets if isinstance(t, ast.Name))


@pytest.mark.parametrize("module", SOURCES)
def test_public_names_use_the_fields_words(module: str) -> None:
    names = [*module.split("."), *public_names(TREES[module].body)]
    found = {name for name in names if name[0] != "_" and words_of(name) & REPLACED}
    assert not found


def test_replaced_words_would_be_found() -> None:
    code = "class ShareOfAll:\n    persons: int\ndef read(foreign_images): ...\nREAL_PICTURES = 1"
    names = list(public_names(ast.parse(code).body))
    assert [n for n in names if words_of(n) & REPLACED] == [
        "ShareOfAll", "persons", "foreign_images", "REAL_PICTURES",
    ]  # fmt: skip
