"""Training whose state lies in a file after every epoch, so that a kill loses one epoch at most."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from xray_app.study import EpochRecord
from xray_app.training.fit.fitting import Feed, History, Hooks, fit
from xray_app.training.fit.learner import Learner
from xray_app.training.state_files import load_state, save_state


@dataclass(frozen=True, slots=True)
class Fitted:
    """How training went: validation before its first step, if it was asked for, and each epoch."""

    initial: EpochRecord | None
    history: History


@dataclass(frozen=True, slots=True)
class Start:
    """What happens where training begins.

    Attributes:
        validate: () -> the record of epoch 0; asked once a run, whatever is resumed.
        resumed: is told of the epochs that an earlier process did.
    """

    validate: Callable[[], EpochRecord | None] = lambda: None
    resumed: Callable[[History], object] = lambda _: None


def fit_resumably(
    state: Path, learner: Learner, feed: Feed, epochs: int, hooks: Hooks, start: Start
) -> Fitted:
    """Train as ``fit``, going on from the last whole epoch that is in ``state``, if there is one.

    The file stays: what follows training may be interrupted as well.

    Args:
        state: an ``.npz`` file of this run alone.
        learner: reset to the run's seed.
        feed: of the run.
        epochs: to end at.
        hooks: an exception of ``after_epoch`` keeps the epoch out of the file.
        start: see there.

    Raises:
        InputError: the file is damaged or can't be written.
    """
    before = _restored(state, learner) or Fitted(start.validate(), ())
    start.resumed(before.history)

    def keep(reached: History) -> None:
        hooks.after_epoch(reached)
        save_state(state, learner.state(), _plain(replace(before, history=reached)))

    history = fit(learner, feed, epochs, replace(hooks, after_epoch=keep), before.history)
    return replace(before, history=history)


def _restored(state: Path, learner: Learner) -> Fitted | None:
    if not state.exists():
        return None
    arrays, meta = load_state(state)
    learner.restore(arrays)
    initial = meta.get("initial")
    return Fitted(
        EpochRecord(**initial) if initial else None,
        tuple(EpochRecord(**e) for e in meta["history"]),
    )


def _plain(fitted: Fitted) -> dict[str, Any]:
    return {
        "initial": asdict(fitted.initial) if fitted.initial else None,
        "history": [asdict(e) for e in fitted.history],
    }
