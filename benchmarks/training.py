"""Images a second of training beside plain Keras' ``fit`` of the same network, in one run.

    python -m benchmarks.training [--arch NAME] [--size N] [--batch-size N] [--steps N]
                                  [--repeats N] [--scheme NAME] [--xla]

Ours augments every image, puts it under the scheme, sums up the first gradient's norm, and
evaluates the AUC; Keras is given arrays that lie ready in memory. Both end the epoch with one
validation batch. ``--xla`` adds Keras as it comes, which compiles with XLA on a processor as well.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import keras
import numpy as np

from benchmarks.tables import in_turn, machine, table
from xray_app.core.normalization import DatasetStatistics
from xray_app.training.data.batches import inputs_under
from xray_app.training.data.reading import Dataset, ImageSet
from xray_app.training.fit.fitting import Hooks, fit, image_feed, plan_of, schedule_of
from xray_app.training.fit.learner import Learner
from xray_app.training.fit.networks import build_network
from xray_app.training.options import StudyOptions

_CLASSES = 3
_OURS, _KERAS, _XLA = "xray_app", "Keras fit", "Keras fit with XLA, its default"


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arch", default="EfficientNetLite0")
    parser.add_argument("--size", type=int, default=160)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--scheme", default="imagenet")
    parser.add_argument("--xla", action="store_true")
    args = parser.parse_args()
    images = args.steps * args.batch_size
    data = _noise(images, args.batch_size, args.size)
    jobs = {_OURS: _ours(args, data), _KERAS: _keras(args, data, xla=False)}
    if args.xla:
        jobs[_XLA] = _keras(args, data, xla=True)
    print(
        f"{machine()}; {args.arch}, {args.size} pixels, batch {args.batch_size}, medians of "
        f"{args.repeats} epochs of {images} images with a validation of one batch\n"
    )
    times = in_turn(jobs, args.repeats)
    speeds = {name: 1000 * images / median(found) for name, found in times.items()}
    rows = [(n, f"{s:.1f}", f"{s / speeds[_KERAS]:.2f}") for n, s in speeds.items()]
    print(table(("training", "images/s", "fraction of Keras fit"), rows))


def _noise(train: int, held: int, size: int) -> Dataset:
    rng = np.random.default_rng(0)

    def split(count: int) -> ImageSet:
        labels = np.arange(count) % _CLASSES
        images = rng.random((count, size, size), dtype=np.float32)
        return ImageSet(images, labels, tuple(map(str, range(count))))

    names = tuple("abc")
    parts = split(train), split(held), split(held)
    return Dataset("noise", names, names, *parts, DatasetStatistics(0.5, 0.29), "", ())


def _options(args: argparse.Namespace) -> StudyOptions:
    return StudyOptions(
        data=Path("noise"),
        out=Path("nowhere"),
        arch=args.arch,
        size=args.size,
        batch_size=args.batch_size,
    )


def _ours(args: argparse.Namespace, data: Dataset) -> Callable[[], object]:
    options = _options(args)
    plan = plan_of(options, data, args.scheme, 0)
    learner = Learner(_build(args), schedule_of(options, len(data.train), 1000, 1e-4))
    feed = image_feed(learner, data, plan)
    return lambda: fit(learner, feed, 1, Hooks(lambda _: None))


def _keras(args: argparse.Namespace, data: Dataset, *, xla: bool) -> Callable[[], object]:
    model = _build(args)()
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.AdamW(1e-4), loss, jit_compile=xla)
    plan = plan_of(_options(args), data, args.scheme, 0)

    def arrays(split: ImageSet) -> tuple[Any, Any]:
        ready = inputs_under(split.images, plan.scheme, plan.statistics, len(split))
        return next(iter(ready)), np.eye(_CLASSES, dtype=np.float32)[split.labels]

    inputs, targets = arrays(data.train)
    held = arrays(data.val)
    return lambda: model.fit(
        inputs, targets, batch_size=args.batch_size, validation_data=held, verbose=0
    )


def _build(args: argparse.Namespace) -> Callable[[], Any]:
    return lambda: build_network(args.arch, args.size, _CLASSES, 0.4)


if __name__ == "__main__":
    main()
