"""Regimes in which the whole network is trained: from scratch, with BatchNorm or without."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xray_app.core import FloatArray, Meter
from xray_app.core.normalization import parse_scheme
from xray_app.study import Cell, Run
from xray_app.training.data.reading import Dataset
from xray_app.training.fit.fitting import (
    Hooks,
    diverged,
    fit,
    image_feed,
    plan_of,
    predict_images,
    schedule_of,
    steps_of,
)
from xray_app.training.fit.learner import Learner
from xray_app.training.fit.metrics import figures, outcome
from xray_app.training.fit.networks import build_network, without_batchnorm
from xray_app.training.options import StudyOptions
from xray_app.training.state_files import save_state


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """What every run of a study shares; ``draws`` (B, N) resample the patients of test.

    ``parameters`` counts those of the network with BatchNorm.
    """

    options: StudyOptions
    dataset: Dataset
    draws: NDArray[np.float64]
    meter: Meter
    parameters: int

    def cells(self, predict: Callable[[str], FloatArray]) -> tuple[Cell, ...]:
        """Evaluate a trained model under every scheme; ``predict`` gives test probabilities."""
        labels = self.dataset.test.labels
        return tuple(
            Cell(fed, **figures(outcome(predict(fed), labels), self.draws))
            for fed in self.options.schemes
        )


def network_of(options: StudyOptions, classes: int) -> Any:
    """Build the network of a study, fed by the scheme directly."""
    return build_network(options.arch, options.size, classes, options.dropout)


class WholeNetwork:
    """Trains every layer, under one scheme and seed at a time, with one compiled step."""

    def __init__(self, bench: Bench, *, batchnorm: bool) -> None:
        self._bench, self._batchnorm = bench, batchnorm
        self._name = "scratch" if batchnorm else "no-batchnorm"
        self._compiled: Learner | None = None

    @property
    def note(self) -> str:
        """Say exactly what this regime is."""
        o = self._bench.options
        if self._batchnorm:
            return f"{o.arch} from random weights, the scheme's output at its first convolution."
        which = "every BatchNorm" if o.batchnorm_removed == "everywhere" else "the first BatchNorm"
        return f"As scratch, with {which} replaced by its gain and shift alone."

    @property
    def images(self) -> int:
        """Training images that one run goes through."""
        o, count = self._bench.options, len(self._bench.dataset.train)
        return steps_of(count, o.batch_size) * min(o.batch_size, count) * o.epochs

    def run(self, scheme: str, seed: int) -> Run:
        """Train under a scheme, then evaluate under every scheme."""
        bench, learner = self._bench, self._learner()
        plan = plan_of(bench.options, bench.dataset, scheme, seed)
        learner.reset(seed)
        stage = f"{self._name}, {scheme}, seed {seed}"
        hooks = Hooks(lambda images: bench.meter.advance(images, stage=stage))
        feed = image_feed(learner, bench.dataset, plan)
        history = fit(learner, feed, bench.options.epochs, hooks)
        if self._batchnorm and scheme == bench.options.backbone_scheme:
            save_state(self.backbone_file(seed), learner.weights(), {})
        cells = bench.cells(
            lambda fed: predict_images(
                learner, bench.dataset.test, replace(plan, scheme=parse_scheme(fed))
            )
        )
        return Run(self._name, scheme, seed, diverged(history), history, cells)

    def backbone_file(self, seed: int) -> Path:
        """Where the weights are kept that the frozen regime starts from."""
        return self._bench.options.out / "backbones" / f"seed-{seed}.npz"

    def _learner(self) -> Learner:
        if self._compiled is None:
            o, count = self._bench.options, len(self._bench.dataset.train)
            schedule = schedule_of(o, count, o.epochs, o.learning_rate)
            self._compiled = Learner(self._build, schedule, precision=o.precision)
        return self._compiled

    def _build(self) -> Any:
        network = network_of(self._bench.options, len(self._bench.dataset.classes))
        if self._batchnorm:
            return network
        stem_only = self._bench.options.batchnorm_removed == "stem"
        return without_batchnorm(network, stem_only=stem_only)
