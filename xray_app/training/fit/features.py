"""What a frozen backbone makes of every image: computed once a scheme, and kept in files.

A study that is stopped loses the scheme that it was at, not those before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

from xray_app.core import FloatArray
from xray_app.training.data.batches import Plan, inputs_under
from xray_app.training.data.reading import ImageSet
from xray_app.training.fit.bench import Bench
from xray_app.training.fit.fitting import plan_of
from xray_app.training.fit.learner import outputs_of
from xray_app.training.fit.networks import backbone_of
from xray_app.training.state_files import load_state, save_state


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What a frozen backbone makes of each split under one scheme, (N, F) each."""

    train: FloatArray
    val: FloatArray
    test: FloatArray


def features_folder(out: Path) -> Path:
    """Where features lie while a study goes on, by origin and scheme."""
    return out / "features"


def features_of(bench: Bench, origin: str, build: Callable[[], Any]) -> dict[str, Features]:
    """Read or compute the features of every scheme of a study.

    Args:
        bench: of the study.
        origin: names the backbone; the folder of its files.
        build: () -> the network that holds the backbone; called only if something is missing.
    """
    folder = features_folder(bench.options.out) / origin
    files = {scheme: folder / f"{scheme}.npz" for scheme in bench.options.schemes}
    missing = {scheme: file for scheme, file in files.items() if not file.exists()}
    if missing:
        backbone = backbone_of(build())
        for scheme, file in missing.items():
            save_state(file, _computed(bench, backbone, scheme), {})
    return {scheme: Features(**load_state(file)[0]) for scheme, file in files.items()}


def forget_features(out: Path, origin: str = "") -> None:
    """Remove the files of an origin, or of all."""
    rmtree(features_folder(out) / origin, ignore_errors=True)


def _computed(bench: Bench, backbone: Any, scheme: str) -> dict[str, FloatArray]:
    plan = plan_of(bench.options, bench.dataset, scheme, 0)
    data = bench.dataset
    splits = {"train": data.train, "val": data.val, "test": data.test}
    bench.meter.advance(0, stage=f"features under {scheme}")
    return {name: _through(backbone, split, plan) for name, split in splits.items()}


def _through(backbone: Any, split: ImageSet, plan: Plan) -> FloatArray:
    batches = inputs_under(split.images, plan.scheme, plan.statistics, plan.batch_size)
    return outputs_of(backbone, batches)
