"""``import xray_app as xa``: quick, typed, and with examples that hold."""

import doctest
import inspect
import subprocess
import sys
from typing import Any

import pytest

import xray_app as xa
from tests.conftest import ROOT
from xray_app.library import models

RUNTIMES = {"tensorflow", "keras", "onnxruntime", "streamlit", "pydicom"}
HEAVY = RUNTIMES | {"skimage", "scipy", "plotly", "pandas", "numpy", "PIL"}


def test_the_import_is_quick_and_loads_nothing_heavy() -> None:
    program = (
        "import sys, time; t = time.perf_counter(); import xray_app as xa; dir(xa); "
        "print(time.perf_counter() - t, *sys.modules)"
    )
    seconds = []
    for _ in range(3):  # the machine may be at other work
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.split()
        assert not set(done) & HEAVY
        seconds.append(float(done[0]))
    assert min(seconds) < 0.1


def test_using_a_part_loads_that_part_alone() -> None:
    program = (
        "import sys, xray_app as xa, numpy as np; image = np.arange(30, dtype=np.uint8)"
        ".reshape(5, 6); xa.normalize(image, 'imagenet'); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not set(done.stdout.split()) & RUNTIMES


def examples() -> list[doctest.DocTest]:
    """Those of the public names, methods included."""
    finder = doctest.DocTestFinder()
    return [
        test
        for name in xa.__all__
        if name != "testing"
        for test in finder.find(getattr(xa, name), f"xa.{name}", False, {"xa": xa})
        if test.examples
    ]


def test_examples_hold_and_every_function_has_one(
    bundled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "open_engine", lambda *_: bundled)
    monkeypatch.setattr(type(bundled), "close", lambda _: None)
    found = examples()
    for test in found:
        assert doctest.DocTestRunner(verbose=False).run(test).failed == 0, test.name
    functions = {f"xa.{n}" for n in xa.__all__ if inspect.isfunction(getattr(xa, n))}
    asked = {"xa.Model.predict", "xa.Model.explain", "xa.Model.compare", "xa.Pipeline.check"}
    assert functions | asked <= {test.name for test in found}


def test_it_ships_its_types() -> None:
    assert (ROOT / "xray_app" / "py.typed").is_file()
    assert sorted(xa.__all__) == sorted(dir(xa))
