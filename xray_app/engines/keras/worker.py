"""An engine in a process of its own.

Streamlit clears Keras' session after every script run, which throws traced functions away, and
collects garbage over all of TensorFlow's objects. In a process of its own the runtime is left
alone, the page paints before it has loaded, and a crash of it costs one message, not the server.

The two processes exchange pickles over the child's standard input and output; the child ends when
its input closes, so it never outlives the server.
"""

import contextlib
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from xray_app.cards import ModelCard
from xray_app.core import EngineError, FloatArray, XrayAppError, first_line, import_root
from xray_app.engines.protocol import Engine, Forward, LayerGradients, LayerOutput


class WorkerEngine:
    """An ``Engine`` that passes each call on to a child process and waits for the answer.

    The child starts at once and loads while the caller goes on; the first call waits for it. Calls
    from several threads take turns. A child that died is replaced at the next call.
    """

    def __init__(self, card: ModelCard, weights: Path) -> None:
        self._card = card
        self._weights = weights
        self._lock = threading.Lock()
        self._closed = False
        self._is_shuffled = False
        self._process = self._start()

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
        """End the child process."""
        with self._lock:
            self._closed = True
            self._stop()

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=import_root(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        pickle.dump((self._card, self._weights.resolve()), _stream(process.stdin))
        _stream(process.stdin).flush()
        return process

    def _stop(self) -> None:
        with contextlib.suppress(OSError):  # what was left unsent to a dead child stays unsent
            _stream(self._process.stdin).close()
        self._process.terminate()
        self._process.wait()
        _stream(self._process.stdout).close()

    def _ask(self, method: str, *arguments: Any) -> Any:
        with self._lock:
            if self._closed:
                raise EngineError("The model was closed; reload the page.")
            if self._process.poll() is not None:
                if self._is_shuffled:
                    raise EngineError(
                        "The process that held the shuffled weights stopped, perhaps for lack of "
                        "memory. Run this again from the start."
                    )
                self._stop()
                self._process = self._start()
            try:
                pickle.dump((method, arguments), _stream(self._process.stdin))
                _stream(self._process.stdin).flush()
                answer = pickle.load(_stream(self._process.stdout))
            except (OSError, EOFError, pickle.UnpicklingError) as error:
                self._process.kill()
                self._process.wait()
                raise EngineError(
                    "The process that holds the model stopped, perhaps for lack of memory; "
                    "try again, it starts anew."
                ) from error
        if isinstance(answer, Exception):
            raise answer
        return answer


def _stream(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise EngineError("The model process was started without its pipes.")
    return pipe


def serve(engine: Engine, requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer requests until their stream ends; an expected error is an answer, too."""
    while True:
        try:
            method, arguments = pickle.load(requests)
        except EOFError:
            return
        pickle.dump(_answer(engine, method, arguments), answers)
        answers.flush()


def _answer(engine: Engine, method: str, arguments: tuple[Any, ...]) -> Any:
    try:
        member = getattr(engine, method)
        return member(*arguments) if callable(member) else member
    except XrayAppError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the server must get an answer, not a dead pipe
        return EngineError(f"The model failed in {method}: {first_line(error)}")


def _main() -> None:
    requests = sys.stdin.buffer
    # Libraries may print; the answers get a descriptor that no print can reach.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    card, weights = pickle.load(requests)
    from xray_app.engines.keras.engine import TensorFlowEngine

    try:
        engine: Engine = TensorFlowEngine.load(card, weights)
    except XrayAppError as error:
        pickle.load(requests)
        pickle.dump(error, answers)
        return
    _warm_up(engine)
    serve(engine, requests, answers)


def _warm_up(engine: Engine) -> None:
    """Trace what the first visitor will ask for while they are still choosing an image."""
    import numpy as np

    size = engine.card.input
    blank = np.zeros((1, size.height, size.width, 3), np.float32)
    engine.forward(blank)
    engine.gradients(blank, engine.layers[0], (0,))


if __name__ == "__main__":
    _main()
