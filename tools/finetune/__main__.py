"""The command: see the package."""

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path

from tools.finetune.choice import chosen
from tools.finetune.fit import Parts, Recipe
from tools.finetune.images import read_split
from tools.finetune.network import network, save, values_of
from tools.finetune.trials import Trial
from tools.log import say


def main() -> None:
    """Fit each recipe and judge fractions of what it changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="zip with train/, val/ and test/")
    parser.add_argument("start", type=Path, help="weights to go on from")
    parser.add_argument("out", type=Path, help="what was learnt and its figures go here")
    parser.add_argument("--recipes", type=Path, default=Path(__file__).with_name("recipes.json"))
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument(
        "--seconds", type=float, default=1e9, help="start no recipe that would end later"
    )
    parser.add_argument("--limit", type=int, help="images of each split, for a trial of the tool")
    options = parser.parse_args()
    began = time.monotonic()
    splits = {name: read_split(options.data, name) for name in ("train", "val", "test")}
    if options.limit:
        every = slice(None, None, max(1, 4685 // options.limit))
        splits = {n: type(s)(s.images[every], s.labels[every]) for n, s in splits.items()}
    say(f"{time.monotonic() - began:.0f} s: images read")
    net = network(options.start)
    parts = Parts(net, options.batch)
    say(f"{time.monotonic() - began:.0f} s: compiled")
    trials = {n: Trial(parts, splits[n], splits["train"]) for n in ("val", "test")}
    start = values_of(net.learning())
    options.out.mkdir(parents=True, exist_ok=True)
    found = {"start": {n: t.figures(start, start) for n, t in trials.items()}}
    say(f"{time.monotonic() - began:.0f} s: {json.dumps(found['start'])}")
    each = 0.0
    for plain in json.loads(options.recipes.read_text()):
        recipe, starts = Recipe(**plain), time.monotonic()
        if starts - began + each * recipe.epochs > options.seconds:
            say(f"no time for {recipe.name}")
            continue
        learnt = parts.fit(splits["train"], recipe, say)
        for kept in (0.5, 1.0):
            values = [s + kept * (v - s) for s, v in zip(start, learnt, strict=True)]
            name = f"{recipe.name} x {kept:g}"
            found[name] = {"recipe": asdict(recipe), "kept": kept}
            found[name] |= {n: t.figures(values, start) for n, t in trials.items()}
            say(f"{time.monotonic() - began:.0f} s: {name} {json.dumps(found[name])}")
        save(net, learnt, options.out / f"{recipe.name}.npz")
        (options.out / "trials.json").write_text(json.dumps(found, indent=1) + "\n")
        each = (time.monotonic() - starts) / recipe.epochs
    say(f"chosen by validation: {chosen(found)}")


if __name__ == "__main__":
    main()
