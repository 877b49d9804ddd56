"""The command: see the package."""

import argparse
from pathlib import Path

from tools.log import say
from tools.lungs.export import write_graph
from tools.lungs.fit import fit
from tools.lungs.images import adults, children
from tools.lungs.judge import bounds_of, probabilities_of, record, tested


def main() -> None:
    """Fit, judging on validation children and a part of Montgomery after each epoch."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("radiographs", type=Path, help="zip of the children's radiographs")
    parser.add_argument("masks", type=Path, help="zip of their masks")
    parser.add_argument("adults", type=Path, help="zip of adults' radiographs and masks")
    parser.add_argument("out", type=Path, help="what was learnt and its figures go here")
    parser.add_argument("--epochs", type=int, default=14)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    young = children(options.radiographs, options.masks, "train")
    old = adults(options.adults, "montgomery")
    checks = {"val": children(options.radiographs, options.masks, "val")}
    say(f"{len(young.images)} children, {len(old.images)} adults, {len(checks['val'].images)} val")
    model = fit(young, old, checks, options.out, options.epochs, say)
    graph = options.out / "lungs.onnx"
    write_graph(model, graph)
    bounds = {
        pairs.output: bounds_of(pairs, probabilities_of(graph, pairs.images))
        for pairs in (young, old)
    }
    tests = {
        "official test, children": children(options.radiographs, options.masks, "test"),
        "Shenzhen, adults": adults(options.adults, "shenzhen"),
    }
    judged = (
        tested(name, pairs, probabilities_of(graph, pairs.images), bounds[pairs.output])
        for name, pairs in tests.items()
    )
    found = record(graph, int(model.count_params()), bounds, tuple(judged))
    say(found.model_dump_json(indent=1))


if __name__ == "__main__":
    main()
