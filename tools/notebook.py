"""docs/notebook.ipynb, executed: the library on a drawn sample.

    python -m tools.notebook

runs the cells in order, in one process, and stores what they show. A test runs them again.
"""

import ast
import contextlib
import io
import json
from pathlib import Path
from typing import Any

from xray_app.core import write_text

NOTEBOOK = Path(__file__).parents[1] / "docs" / "notebook.ipynb"
COMMAND = "python -m tools.notebook"

Output = dict[str, Any]

# Text, then code, as they stand in the notebook.
CELLS: tuple[tuple[str, str], ...] = (
    (
        "markdown",
        f"""# Is normalization necessary? In a notebook

Research and teaching only, not a medical device. The radiograph is drawn, of no patient. The cells
and what they show are made by `{COMMAND}`; a test runs them again. All that there is:
[api.md](api.md).""",
    ),
    (
        "code",
        """import numpy as np

import xray_app as xa

image = xa.read("sample:normal_1")
image""",
    ),
    (
        "markdown",
        """## What a model must be fed

Its card says it; its layers are measured.""",
    ),
    ("code", 'model = xa.open_model("cxr_efficientnetb4")\nmodel.contract'),
    ("code", "model.predict(image)"),
    (
        "markdown",
        """Divided by 255 before a model that does it itself: no error, and an answer that says
nothing.""",
    ),
    ("code", 'model.predict(image, "rescale")'),
    ("code", "model.explain(image)"),
    (
        "markdown",
        """## What somebody's code did

From an image and the tensor that came of it. Here the server divides by 255, in NCHW, where
training fed bytes.""",
    ),
    (
        "code",
        """from PIL import Image


def train(pixels):
    small = Image.fromarray(pixels.astype(np.float32)).resize((256, 256), Image.BILINEAR)
    return np.stack([np.asarray(small)] * 3, axis=-1)[np.newaxis]


def serve(pixels):
    return train(pixels).transpose(0, 3, 1, 2) / 255


found = xa.describe_pipeline(image, serve(image.pixels))
found""",
    ),
    ("code", "found.check(model)"),
    (
        "markdown",
        """## The same as a test

`xa.testing.assert_same_preprocessing(train, serve, images)` fails with these sentences.""",
    ),
    ("code", 'print(*xa.compare_pipelines(train, serve, [image.pixels]).sentences, sep="\\n")'),
    ("code", "xa.compare_pipelines(train, train, [image.pixels, image.pixels[:, ::-1]])"),
)


def run_cells() -> list[list[Output]]:
    """What each cell shows, as a notebook stores it; nothing of text."""
    names: dict[str, Any] = {"__name__": "__main__"}
    return [_run(source, names) if kind == "code" else [] for kind, source in CELLS]


def _run(source: str, names: dict[str, Any]) -> list[Output]:
    """Run a cell as Jupyter does: what is printed, then the value of a last bare expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    printed, value = io.StringIO(), None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "cell", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    outputs: list[Output] = []
    if printed.getvalue():
        text = printed.getvalue().splitlines(keepends=True)
        outputs.append({"name": "stdout", "output_type": "stream", "text": text})
    if value is not None:
        outputs.append(_shown(value))
    return outputs


def _shown(value: Any) -> Output:
    data = {"text/plain": repr(value).splitlines(keepends=True)}
    if hasattr(value, "_repr_html_"):
        data["text/html"] = [value._repr_html_()]
    return {"data": data, "metadata": {}, "output_type": "display_data"}


def notebook(outputs: list[list[Output]]) -> dict[str, Any]:
    """The notebook in the format 4.5, as plain values."""
    cells = []
    for number, ((kind, source), shown) in enumerate(zip(CELLS, outputs, strict=True), start=1):
        cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
        if kind == "code":
            cell |= {"execution_count": None, "outputs": shown}
        cells.append(cell | {"source": source.splitlines(keepends=True)})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def main() -> None:
    """Run the cells and write the notebook."""
    text = json.dumps(notebook(run_cells()), indent=1, ensure_ascii=False)
    write_text(NOTEBOOK, f"{text}\n")


if __name__ == "__main__":
    main()
