"""An engine in a process of its own.

Streamlit clears Keras' session after every script run, which throws traced functions away, and
collects garbage over all of TensorFlow's objects. In a process of its own the runtime is left
alone, the page paints before it has loaded, and a crash of it costs one message, not the server.
"""

import contextlib
import threading
from pathlib import Path
from typing import Any

from xray_app.cards import ModelCard
from xray_app.core import EngineError, FloatArray, XrayAppError, first_line
from xray_app.core.processes import ChildProcess, ChildStopped, Pipe, own_pipes, receive, send
from xray_app.engines.protocol import CLOSED, Engine, Forward, LayerGradients, LayerOutput
from xray_app.engines.roster import Roster

# Loading TensorFlow and tracing the model takes 10 to 20 s here, a batch of 64 images under 20 s.
_START_SECONDS, _SECONDS = 180.0, 120.0
# Each holds about 1 GB (docs/deploy.md).
_ROSTER = Roster(most=2, idle_seconds=10.0)


class WorkerEngine:
    """An ``Engine`` that passes each call on to a child process and waits for the answer.

    The child starts at once and loads while the caller goes on; the first call waits for it. Calls
    from several threads take turns. A child that died is replaced at the next call, and so is one
    that did not answer in time, which is killed, or one that had to rest for other models' sake.
    """

    def __init__(self, card: ModelCard, weights: Path) -> None:
        self._card = card
        self._weights = weights
        self._lock = threading.Lock()
        self._closed = False
        self._is_shuffled = False
        self._child = self._start()

    @property
    def card(self) -> ModelCard:
        """The card of the model."""
        return self._card

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers that can be explained: the last of each resolution, the coarsest first."""
        layers: tuple[str, ...] = self._ask("layers")
        return layers

    def forward(self, batch: FloatArray) -> Forward:
        """Run the model on (N, H, W, 3) float32."""
        answer: Forward = self._ask("forward", batch)
        return answer

    def head_gradients(self, activations: FloatArray, targets: tuple[int, ...]) -> FloatArray:
        """Differentiate the logits ``targets`` with respect to ``layers[0]``, as the protocol."""
        answer: FloatArray = self._ask("head_gradients", activations, targets)
        return answer

    def gradients(self, batch: FloatArray, layer: str, targets: tuple[int, ...]) -> LayerGradients:
        """Differentiate, for each image n, the logit ``targets[n]`` with respect to ``layer``."""
        answer: LayerGradients = self._ask("gradients", batch, layer, targets)
        return answer

    def input_gradients(self, batch: FloatArray, targets: tuple[int, ...]) -> FloatArray:
        """Differentiate, for each image n, the logit ``targets[n]`` with respect to its pixels."""
        answer: FloatArray = self._ask("input_gradients", batch, targets)
        return answer

    def trace(self, batch: FloatArray) -> tuple[LayerOutput, ...]:
        """Return what each layer in front of the first convolution gives, in order."""
        answer: tuple[LayerOutput, ...] = self._ask("trace", batch)
        return answer

    @property
    def stages(self) -> tuple[str, ...]:
        """Parts of the network whose weights ``randomize`` can shuffle, from the head down."""
        stages: tuple[str, ...] = self._ask("stages")
        return stages

    def randomize(self, stage: str, seed: int) -> None:
        """Shuffle the weights of one stage, for good; a process that dies is not replaced then."""
        self._is_shuffled = True
        self._ask("randomize", stage, seed)

    def close(self) -> None:
        """End the child process, also one that somebody waits for."""
        self._closed = True
        self._child.kill()  # whoever holds the lock gets no answer, and lets go of it
        with self._lock:
            self._child.close(grace=0.0)
        _ROSTER.leave(self)

    def rest(self) -> bool:
        """End the child process unless somebody waits for it; the next call starts another."""
        if self._is_shuffled or not self._lock.acquire(blocking=False):
            return False
        try:
            self._child.close(grace=0.0)
        finally:
            self._lock.release()
        return True

    def _start(self) -> ChildProcess:
        _ROSTER.enter(self)
        child = ChildProcess(__name__, has_scratch=True)
        with contextlib.suppress(ChildStopped):  # the first call finds it so
            child.tell((self._card, self._weights.resolve()), _START_SECONDS)
        self._seconds = _START_SECONDS + _SECONDS
        return child

    def _ask(self, method: str, *arguments: Any) -> Any:
        with self._lock:
            if self._closed:
                raise EngineError(CLOSED)
            if not self._child.is_alive:
                self._replace()
            _ROSTER.touch(self)
            try:
                if self._closed:  # while the child was replaced, so that it was not killed
                    self._child.kill()
                answer = self._child.ask((method, arguments), self._seconds)
            except ChildStopped as stop:
                raise EngineError(CLOSED if self._closed else _stopped(stop)) from stop
            self._seconds = _SECONDS
            _ROSTER.touch(self)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _replace(self) -> None:
        if self._is_shuffled:
            raise EngineError(
                "The process that held the shuffled weights stopped, perhaps for lack of "
                "memory. Run this again from the start."
            )
        self._child.close(grace=0.0)
        self._child = self._start()


def _stopped(stop: ChildStopped) -> str:
    if stop.timed_out:
        return (
            "The process that holds the model did not answer in time and was ended; try again, it "
            "starts anew."
        )
    return (
        "The process that holds the model stopped, perhaps for lack of memory; try again, it "
        "starts anew."
    )


def _serve(engine: Engine, requests: Pipe, answers: Pipe) -> None:
    """Answer requests until their stream ends; an expected error is an answer, too."""
    while True:
        method, arguments = receive(requests)
        send(answers, _answer(engine, method, arguments))


def _answer(engine: Engine, method: str, arguments: tuple[Any, ...]) -> Any:
    try:
        member = getattr(engine, method)
        return member(*arguments) if callable(member) else member
    except XrayAppError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the server must get an answer, not a dead pipe
        return EngineError(f"The model failed in {method}: {first_line(error)}")


def _main() -> None:
    requests, answers = own_pipes()
    with contextlib.suppress(EOFError):
        card, weights = receive(requests)
        from xray_app.engines.keras.engine import TensorFlowEngine

        try:
            engine: Engine = TensorFlowEngine.load(card, weights)
        except XrayAppError as error:
            receive(requests)
            send(answers, error)
            return
        _warm_up(engine)
        _serve(engine, requests, answers)


def _warm_up(engine: Engine) -> None:
    """Trace what the first visitor will ask for while they are still choosing an image."""
    import numpy as np

    size = engine.card.input
    blank = np.zeros((1, size.height, size.width, 3), np.float32)
    engine.forward(blank)
    engine.gradients(blank, engine.layers[0], (0,))


if __name__ == "__main__":
    _main()
