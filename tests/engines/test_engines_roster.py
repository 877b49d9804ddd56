"""Which processes end when there are too many: never one that somebody waits for."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes import fake_card
from xray_app.core.errors import EngineError
from xray_app.engines.keras import worker
from xray_app.engines.keras.worker import WorkerEngine
from xray_app.engines.roster import Roster

IMAGE = np.zeros((1, 1, 3), np.float32)


class FakeChild:
    """A process that answers at once, or, asked to randomize or trace, when it may."""

    may_answer = threading.Event()
    asked = threading.Event()

    def __init__(self, *_: object, **__: object) -> None:
        self.is_alive = True

    def tell(self, *_: object) -> None:
        """Take what to load."""

    def ask(self, request: tuple[str, Any], _: float) -> str:
        assert self.is_alive
        if request[0] == "trace":
            FakeChild.asked.set()
            assert FakeChild.may_answer.wait(10)
            assert self.is_alive, "it was ended while somebody waited"
        return request[0]

    def kill(self) -> None:
        self.is_alive = False

    def close(self, grace: float) -> None:
        self.is_alive = False


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[WorkerEngine]]:
    monkeypatch.setattr(worker, "ChildProcess", FakeChild)
    monkeypatch.setattr(worker, "_ROSTER", Roster(most=2, idle_seconds=0.0))
    FakeChild.may_answer.clear()
    FakeChild.asked.clear()
    opened: list[WorkerEngine] = []
    yield opened
    for engine in opened:
        engine.close()


def opened(engines: list[WorkerEngine]) -> WorkerEngine:
    engines.append(WorkerEngine(fake_card(), Path("a.weights.h5")))
    return engines[-1]


def test_the_one_idle_longest_rests_and_is_there_again_when_asked(
    engines: list[WorkerEngine],
) -> None:
    first, second = opened(engines), opened(engines)
    assert first.layers == "layers"  # so that the second was used longer ago
    third = opened(engines)
    assert [e._child.is_alive for e in (first, second, third)] == [True, False, True]
    assert second.layers == "layers"
    assert [e._child.is_alive for e in (first, second, third)] == [False, True, True]


def test_one_that_somebody_waits_for_is_not_ended(engines: list[WorkerEngine]) -> None:
    busy = opened(engines)
    answers: list[object] = []
    visitor = threading.Thread(target=lambda: answers.append(busy.trace(IMAGE)))
    visitor.start()
    assert FakeChild.asked.wait(10)
    others = [opened(engines) for _ in range(4)]
    FakeChild.may_answer.set()
    visitor.join(10)
    assert answers == ["trace"]
    assert busy._child.is_alive
    assert sum(other._child.is_alive for other in others) == 1


def test_shuffled_weights_never_rest(engines: list[WorkerEngine]) -> None:
    """The process alone holds them."""
    shuffled = opened(engines)
    shuffled.randomize("top", 0)
    for _ in range(3):
        opened(engines)
    assert shuffled._child.is_alive


def test_one_in_use_lately_is_left_alone(
    engines: list[WorkerEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A map takes many calls, and TensorFlow takes 10 s to start."""
    monkeypatch.setattr(worker, "_ROSTER", Roster(most=2, idle_seconds=60.0))
    for _ in range(3):
        opened(engines)
    assert all(engine._child.is_alive for engine in engines)


def test_a_closed_engine_makes_room_and_starts_nothing(engines: list[WorkerEngine]) -> None:
    first, second = opened(engines), opened(engines)
    first.close()
    third = opened(engines)
    assert second._child.is_alive and third._child.is_alive
    with pytest.raises(EngineError, match="was closed"):
        _ = first.layers
    assert not first._child.is_alive
