"""The command: see the package."""

import argparse
import sys
from dataclasses import fields
from pathlib import Path

import keras
import numpy as np

from tools.finetune.features import compute, front_session
from tools.finetune.fit import Recipe, fit
from xray_app.cards import ModelCard, to_model_size
from xray_app.core.images import resize
from xray_app.engines import default_model, find_card
from xray_app.engines.keras.architectures import load_from_card
from xray_app.evaluation.labelled_images import open_split

SIZE = 256


def sized_card(pixels: int) -> ModelCard:
    """The bundled model's card at another size."""
    card = find_card(default_model())
    size = card.input.model_copy(update={"height": pixels, "width": pixels})
    return card.model_copy(update={"input": size, "gate": None})


def say(text: str) -> None:
    """A line of the log, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Compute the features, then fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder or zip with train/")
    parser.add_argument("start", type=Path, help="weights to go on from")
    parser.add_argument("out", type=Path, help="features, states and weights go here")
    parser.add_argument("--versions", type=int, default=1, help="kept versions of each image [1]")
    for field in fields(Recipe):
        kind = type(field.default)
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=kind, default=field.default)
    options = parser.parse_args()
    card = sized_card(SIZE)
    options.out.mkdir(parents=True, exist_ok=True)
    with open_split(options.data, "train", card) as images:
        labels = images.labels
        displays = np.stack(
            [resize(to_model_size(card, r), SIZE, SIZE) for r in images.radiographs()]
        )
    graph = options.start.with_name(".front.onnx")
    session = front_session(card, options.start, graph)
    graph.unlink()
    features = compute(
        session, card, displays, labels, options.out, options.versions,
        lambda done: say(f"features {done} of {options.versions * len(labels)}"),
    )  # fmt: skip
    recipe = Recipe(**{f.name: getattr(options, f.name) for f in fields(Recipe)})
    keras.utils.set_random_seed(recipe.seed)
    model = load_from_card(card, options.start)
    fit(model, features, recipe, options.out, say)


if __name__ == "__main__":
    main()
