"""A batch beside other visitors: it waits its turn for each block and gives it back after it.

A block is a few images, so nobody waits long for a batch; and as the queue is first come, first
served, nobody's clicks hold a batch up for good.
"""

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager

from xray_app.cards import ModelCard
from xray_app.core import FloatArray, ServerBusy
from xray_app.engines import Engine, Forward, LayerGradients, LayerOutput
from xray_app.ui.session.fair_queue import FairQueue

_AGAIN_SECONDS = 0.5


@contextmanager
def patient_turn(queue: FairQueue, who: Hashable, look: Callable[[], None]) -> Iterator[None]:
    """Hold a turn for the length of the block; where the queue is full, come back later.

    Args:
        queue: where to wait.
        who: who waits.
        look: called again and again while waiting; what it raises ends the waiting.
    """
    while True:
        with ExitStack() as stack:
            try:
                stack.enter_context(queue.turn(who, lambda _before: look()))
            except ServerBusy:
                look()
                time.sleep(_AGAIN_SECONDS)
                continue
            yield
            return


class EngineInTurn:
    """The same engine, but each call that runs the model waits in a queue first."""

    def __init__(
        self, engine: Engine, queue: FairQueue, who: Hashable, look: Callable[[], None]
    ) -> None:
        self._engine = engine
        self._queue = queue
        self._who = who
        self._look = look

    @property
    def card(self) -> ModelCard:
        """As the engine's."""
        return self._engine.card

    @property
    def layers(self) -> tuple[str, ...]:
        """As the engine's."""
        return self._engine.layers

    def forward(self, batch: FloatArray) -> Forward:
        """As the engine's, in turn."""
        with patient_turn(self._queue, self._who, self._look):
            return self._engine.forward(batch)

    def head_gradients(self, activations: FloatArray, targets: tuple[int, ...]) -> FloatArray:
        """As the engine's, at once: it runs no model."""
        return self._engine.head_gradients(activations, targets)

    def gradients(self, batch: FloatArray, layer: str, targets: tuple[int, ...]) -> LayerGradients:
        """As the engine's, in turn."""
        with patient_turn(self._queue, self._who, self._look):
            return self._engine.gradients(batch, layer, targets)

    def input_gradients(self, batch: FloatArray, targets: tuple[int, ...]) -> FloatArray:
        """As the engine's, in turn."""
        with patient_turn(self._queue, self._who, self._look):
            return self._engine.input_gradients(batch, targets)

    def trace(self, batch: FloatArray) -> tuple[LayerOutput, ...]:
        """As the engine's, in turn."""
        with patient_turn(self._queue, self._who, self._look):
            return self._engine.trace(batch)

    def close(self) -> None:
        """Leave the engine open: it is everybody's."""
