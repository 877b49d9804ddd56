"""Regimes in which the whole network is trained, from scratch or from ImageNet's weights."""

from dataclasses import replace
from pathlib import Path

from xray_app.core.normalization import parse_scheme
from xray_app.study import Run
from xray_app.training.fit.bench import Bench
from xray_app.training.fit.fitting import (
    Feed,
    Hooks,
    diverged,
    image_feed,
    plan_of,
    predict_images,
    schedule_of,
    steps_of,
    validated,
)
from xray_app.training.fit.learner import Learner
from xray_app.training.fit.resuming import Fitted, Start, fit_resumably
from xray_app.training.fit.variants import Variant
from xray_app.training.state_files import save_state


class WholeNetwork:
    """Trains a network under one scheme and seed at a time, with one compiled step."""

    def __init__(self, bench: Bench, variant: Variant) -> None:
        self._bench, self._variant = bench, variant
        self._compiled: Learner | None = None

    @property
    def note(self) -> str:
        """Say exactly what this regime is."""
        return self._variant.note

    @property
    def images(self) -> int:
        """Training images that one run goes through."""
        return self._images_an_epoch * self._variant.epochs

    def run(self, scheme: str, seed: int) -> Run:
        """Train under a scheme, then evaluate under every scheme."""
        bench, learner = self._bench, self._learner()
        plan = plan_of(bench.options, bench.dataset, scheme, seed)
        learner.reset(seed)
        fitted = self._fitted(scheme, seed, image_feed(learner, bench.dataset, plan))
        if self._variant.name == "scratch" and scheme == bench.options.backbone_scheme:
            save_state(self.backbone_file(seed), learner.weights(), {})
        cells = bench.cells(
            lambda fed: predict_images(
                learner, bench.dataset.test, replace(plan, scheme=parse_scheme(fed))
            )
        )
        stopped = diverged(fitted.history)
        name = self._variant.name
        return Run(name, scheme, seed, stopped, fitted.history, cells, fitted.initial)

    def backbone_file(self, seed: int) -> Path:
        """Where the weights are kept that the frozen regime starts from."""
        return self._bench.options.out / "backbones" / f"seed-{seed}.npz"

    @property
    def _images_an_epoch(self) -> int:
        batch, count = self._bench.options.batch_size, len(self._bench.dataset.train)
        return steps_of(count, batch) * min(batch, count)

    def _fitted(self, scheme: str, seed: int, feed: Feed) -> Fitted:
        name, meter, learner = self._variant.name, self._bench.meter, self._learner()
        stage = f"{name}, {scheme}, seed {seed}"
        return fit_resumably(
            self._bench.state_file(name, scheme, seed),
            learner,
            feed,
            self._variant.epochs,
            Hooks(lambda images: meter.advance(images, stage=stage)),
            Start(
                validate=lambda: validated(learner, feed, 0),
                resumed=lambda history: meter.skip(len(history) * self._images_an_epoch),
            ),
        )

    def _learner(self) -> Learner:
        if self._compiled is None:
            o, count, v = self._bench.options, len(self._bench.dataset.train), self._variant
            schedule = schedule_of(o, count, v.epochs, v.learning_rate)
            self._compiled = Learner(v.build, schedule, precision=o.precision)
        return self._compiled
