"""The regimes of the study by name. To add one, write one class or variant and one row."""

from typing import Protocol

from xray_app.study import Run
from xray_app.training.fit.backbones import ImageNetBackbone, ModelBackbone, OwnBackbones
from xray_app.training.fit.bench import Bench
from xray_app.training.fit.frozen import FrozenBackbone
from xray_app.training.fit.variants import variants_of
from xray_app.training.fit.whole import WholeNetwork


class Regime(Protocol):
    """One way to train under a scheme."""

    @property
    def note(self) -> str:
        """Say exactly what this regime is."""

    @property
    def images(self) -> int:
        """Images that one run goes through, for the time left."""

    def run(self, scheme: str, seed: int) -> Run:
        """Train under a scheme, then evaluate under every scheme."""


def regimes_of(bench: Bench) -> dict[str, Regime]:
    """Make the regimes; each compiles its step at its first run."""
    options = bench.options
    whole = {
        variant.name: WholeNetwork(bench, variant)
        for variant in variants_of(options, len(bench.dataset.classes))
    }
    given = ModelBackbone(options, options.backbone) if options.backbone else None
    own = OwnBackbones(bench, whole["scratch"])
    return {
        **whole,
        "frozen": FrozenBackbone(bench, "frozen", given or own),
        "pretrained-frozen": FrozenBackbone(bench, "pretrained-frozen", ImageNetBackbone(bench)),
    }
