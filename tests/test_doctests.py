"""Every example in a docstring of the lower rooms holds; every public function there has one."""

import doctest
import importlib
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from tests.source_tree import SOURCES, room_of

ROOMS = {"core", "explain", "readers"}
# Functions without an example, which would start processes or change this one.
WITHOUT_EXAMPLE = (
    "xray_app.readers.sandbox.isolated.arrays_isolated",  # starts a process
    "xray_app.readers.sandbox.isolated.as_stored_isolated",  # starts a process
    "xray_app.readers.sandbox.isolated.read_isolated",  # starts a process
    "xray_app.readers.sandbox.isolated.reference_isolated",  # starts a process
    "xray_app.readers.sandbox.isolated.uids_isolated",  # starts a process
    "xray_app.readers.sandbox.isolated.warm_up",  # starts a process
    "xray_app.core.processes.child.kill_children",  # would end those of other tests
    "xray_app.core.processes.child.own_pipes",  # takes the process's standard output away
    "xray_app.core.processes.messages.widen",  # changes the operating system's limit of a pipe
    "xray_app.readers.sandbox.preload.prime",  # loads every decoder into this process
    "xray_app.readers.sandbox.together.displays_ahead",  # starts processes
    "xray_app.readers.sandbox.together.radiographs_ahead",  # starts a process
    "xray_app.readers.sandbox.worker.serve",  # reads standard input and lowers process limits
)


def public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The functions and classes that a module defines, decorated ones included."""
    for name, value in vars(module).items():
        defined = inspect.unwrap(value) if callable(value) else None
        if not (inspect.isfunction(defined) or inspect.isclass(defined)):
            continue
        if defined.__module__ == module.__name__ and not name.startswith("_"):
            yield f"{module.__name__}.{name}", value


MODULES = [importlib.import_module(name) for name in SOURCES if room_of(name) in ROOMS]
PUBLIC = {name: (value, module) for module in MODULES for name, value in public(module)}
FUNCTIONS = [name for name, (value, _) in PUBLIC.items() if not inspect.isclass(value)]
# Asked object by object: on a module the finder skips functions that a decorator wraps.
EXAMPLES = {
    test.name: test
    for name, (value, module) in PUBLIC.items()
    for test in doctest.DocTestFinder().find(value, name, False, vars(module))
    if test.examples
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_holds(name: str) -> None:
    assert doctest.DocTestRunner(verbose=False).run(EXAMPLES[name]).failed == 0


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - set(WITHOUT_EXAMPLE)))
def test_every_public_function_has_an_example(name: str) -> None:
    assert name in EXAMPLES, "Expected an example (>>>) in its docstring."


def test_exceptions_are_public_functions_without_an_example() -> None:
    assert set(WITHOUT_EXAMPLE) <= set(FUNCTIONS) - set(EXAMPLES)
