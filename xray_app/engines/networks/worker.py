"""A stranger's network in a process of its own, under limits, for one visitor or one command.

The process gets the file's bytes and its folder, if it has one; what comes back may name nothing
at all. Not more than a few run at a time: where one is needed too many, the one that nobody asked
for longest ends, unless somebody waits for it, and starts anew when it is asked.
"""

import contextlib
import pickle
import threading
from pathlib import Path
from typing import Any

from xray_app.cards import ModelCard
from xray_app.core import (
    EngineError,
    FloatArray,
    XrayAppError,
    every_error,
    first_line,
    scratch_folder,
)
from xray_app.core.processes import (
    ChildProcess,
    ChildStopped,
    Pipe,
    own_pipes,
    receive,
    receive_restricted,
    send,
)
from xray_app.engines.child_call import MEMORY_LIMIT, limit_memory
from xray_app.engines.networks.examining import NETWORK_MEMORY, is_network
from xray_app.engines.protocol import Engine, Forward, LayerGradients, LayerOutput
from xray_app.engines.roster import Roster

_ROSTER = Roster(most=4, idle_seconds=0.0)  # processes; each holds a network
_START_SECONDS, _SECONDS = 120.0, 120.0
_MAX_BYTES = 2**31  # of an answer
_ERRORS = {error.__name__: error for error in every_error()}
_CLOSED = "The model was closed; bring it again."


class NetworkProcess:
    """An ``Engine`` that passes each call on to a child process and waits for the answer.

    Calls from several threads take turns.

    Args:
        card: made from what was measured of the file.
        source: the file, or its bytes where it came over the network.
    """

    def __init__(self, card: ModelCard, source: Path | bytes) -> None:
        self._card = card
        self._source = source
        self._lock = threading.Lock()
        self._closed = False
        self._child: ChildProcess | None = None

    @property
    def card(self) -> ModelCard:
        """The card of the model."""
        return self._card

    @property
    def layers(self) -> tuple[str, ...]:
        """The last feature maps alone."""
        return tuple(self._ask("layers"))

    def forward(self, batch: FloatArray) -> Forward:
        """Run the model on (N, H, W, 3) float32."""
        return Forward(*self._ask("forward", batch))

    def head_gradients(self, activations: FloatArray, targets: tuple[int, ...]) -> FloatArray:
        """Differentiate the logits ``targets`` with respect to ``layers[0]``, as the protocol."""
        gradients: FloatArray = self._ask("head_gradients", activations, targets)
        return gradients

    def gradients(self, batch: FloatArray, layer: str, targets: tuple[int, ...]) -> LayerGradients:
        """Differentiate, for each image n, the logit ``targets[n]`` with respect to ``layer``."""
        return LayerGradients(*self._ask("gradients", batch, layer, targets))

    def input_gradients(self, batch: FloatArray, targets: tuple[int, ...]) -> FloatArray:
        """There are none."""
        gradients: FloatArray = self._ask("input_gradients", batch, targets)
        return gradients

    def trace(self, batch: FloatArray) -> tuple[LayerOutput, ...]:
        """Return what each operator in front of the first convolution gives, in order."""
        return tuple(LayerOutput(*layer) for layer in self._ask("trace", batch))

    def close(self) -> None:
        """End the process, also one that somebody waits for, and let go of the file."""
        self._closed = True
        child = self._child
        if child is not None:
            child.kill()  # whoever holds the lock gets no answer, and lets go of it
        with self._lock:
            self._end()
        _ROSTER.leave(self)
        self._source = b""

    def rest(self) -> bool:
        """End the process unless somebody waits for it; the next call starts another."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            self._end()
        finally:
            self._lock.release()
        return True

    def _end(self) -> None:
        if self._child is not None:
            self._child.close(grace=0.0)
            self._child = None

    def _ask(self, method: str, *arguments: Any) -> Any:
        with self._lock:
            if self._closed:
                raise EngineError(_CLOSED)
            try:
                child = self._child
                if child is None or not child.is_alive:
                    self._end()
                    child = self._start()
                _ROSTER.touch(self)
                kind, value = child.ask((method, arguments), _SECONDS)
            except ChildStopped as stop:
                self._end()
                _ROSTER.leave(self)
                raise EngineError(_CLOSED if self._closed else _stopped(stop)) from stop
        if kind in _ERRORS:
            raise _ERRORS[kind](value)
        return value

    def _start(self) -> ChildProcess:
        """Start the child and let it load; it is held at once, so that ``close`` can end it."""
        _ROSTER.enter(self)
        child = self._child = ChildProcess(__name__, None, _receive_arrays, has_scratch=True)
        if self._closed:  # while it was started, so that it was not killed
            child.kill()
        source = self._source.resolve() if isinstance(self._source, Path) else self._source
        kind, value = child.ask((self._card, source), _START_SECONDS)
        if kind in _ERRORS:
            self._end()
            _ROSTER.leave(self)
            raise _ERRORS[kind](value)
        return child


def _receive_arrays(pipe: Pipe) -> Any:
    found = receive_restricted(pipe, _MAX_BYTES)
    if not isinstance(found, tuple) or len(found) != 2 or not isinstance(found[0], str):
        raise pickle.UnpicklingError("an answer of another form")
    return found


def _stopped(stop: ChildStopped) -> str:
    if stop.timed_out:
        return (
            f"Your model took longer than {_SECONDS:.0f} seconds and was ended; a smaller one may "
            "work."
        )
    return (
        "The process that holds your model stopped, perhaps for lack of memory; a smaller model "
        "may work."
    )


def _answer(engine: Engine, method: str, arguments: tuple[Any, ...]) -> tuple[str, Any]:
    try:
        member = getattr(engine, method)
        return "value", _plain(member(*arguments) if callable(member) else member)
    except XrayAppError as error:
        return type(error).__name__, str(error)
    except MemoryError:
        return _failed(f"Your model needs more than {NETWORK_MEMORY / 2**30:.0f} GiB of memory.")
    except Exception as error:  # noqa: BLE001 - the server must get an answer, not a dead pipe
        return _failed(f"Your model failed: {first_line(error)[:200]}.")


def _plain(answer: Any) -> Any:
    """Records as tuples of their fields, which name nothing."""
    if isinstance(answer, Forward):
        return answer.logits, answer.activations, answer.first_convolution
    if isinstance(answer, LayerGradients):
        return answer.activations, answer.gradients
    if isinstance(answer, tuple) and answer and isinstance(answer[0], LayerOutput):
        return tuple((a.name, a.kind, dict(a.constants), a.output) for a in answer)
    return answer


def _failed(sentence: str) -> tuple[str, str]:
    return EngineError.__name__, sentence


def _load(card: ModelCard, source: Path | bytes) -> Engine:
    from xray_app.engines.networks.engine import NetworkEngine
    from xray_app.engines.networks.examining import load_network

    if isinstance(source, Path):
        _hold(source)
        return NetworkEngine(card, load_network(source))
    with scratch_folder(len(source)) as folder:
        path = folder / card.weights.file
        path.write_bytes(source)
        _hold(path)
        return NetworkEngine(card, load_network(path))


def _hold(path: Path) -> None:
    """TensorFlow alone takes half of what it is allowed; the other runtimes need no such room."""
    if is_network(path):
        limit_memory(NETWORK_MEMORY)


def _main() -> None:
    requests, answers = own_pipes()
    with contextlib.suppress(EOFError):
        card, source = receive(requests)
        limit_memory(MEMORY_LIMIT)  # a tighter one follows where TensorFlow isn't needed
        try:
            engine = _load(card, source)
        except XrayAppError as error:
            send(answers, (type(error).__name__, str(error)))
            return
        except MemoryError:
            send(answers, _failed("Your model needs more memory than is allowed."))
            return
        except Exception as error:  # noqa: BLE001 - as in _answer
            send(answers, _failed(f"Your model can't be loaded: {first_line(error)[:200]}."))
            return
        del source
        send(answers, ("value", None))
        while True:
            method, arguments = receive(requests)
            send(answers, _answer(engine, method, arguments))


if __name__ == "__main__":
    _main()
