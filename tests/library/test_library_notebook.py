"""docs/notebook.ipynb, run again: it shows what it says it shows."""

import json
import re
from typing import Any

from tools.notebook import CELLS, NOTEBOOK, run_cells

FIGURE = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


def texts(outputs: list[dict[str, Any]]) -> list[str]:
    return ["".join(o["text"] if "text" in o else o["data"]["text/plain"]) for o in outputs]


def test_the_notebook_shows_what_its_cells_show() -> None:
    stored = json.loads(NOTEBOOK.read_text())
    assert (stored["nbformat"], stored["nbformat_minor"]) == (4, 5)
    assert ["".join(cell["source"]) for cell in stored["cells"]] == [text for _, text in CELLS]
    for cell, outputs in zip(stored["cells"], run_cells(), strict=True):
        before, after = texts(cell.get("outputs", [])), texts(outputs)
        # Words to the letter, figures as far as processors agree.
        assert [FIGURE.sub("#", t) for t in before] == [FIGURE.sub("#", t) for t in after]
        figures = (map(float, FIGURE.findall(" ".join(t))) for t in (before, after))
        for old, new in zip(*figures, strict=True):
            assert abs(old - new) <= 0.05 * max(1.0, abs(old))
        for one in outputs:
            assert "text" in one or "text/html" in one["data"]


def test_it_is_small() -> None:
    assert NOTEBOOK.stat().st_size < 200_000
