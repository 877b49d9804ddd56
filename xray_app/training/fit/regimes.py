"""The regimes of the study by name. To add one, write one class and one row."""

from typing import Protocol

from xray_app.study import Run
from xray_app.training.fit.frozen import FrozenBackbone
from xray_app.training.fit.whole import Bench, WholeNetwork


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
    scratch = WholeNetwork(bench, batchnorm=True)
    return {
        "scratch": scratch,
        "no-batchnorm": WholeNetwork(bench, batchnorm=False),
        "frozen": FrozenBackbone(bench, scratch),
    }
