"""A visitor's own model: in memory for this visit alone, within a bound, and gone with it.

One model a visitor; its file is handed to a process that holds it while it is asked. What all
visitors' files take together is bounded: the next one is told to come back.
"""

import threading

import streamlit as st

from xray_app.cards import ModelCard
from xray_app.core import EngineError, ServerBusy
from xray_app.engines import Engine
from xray_app.inspection import open_brought

MAX_BYTES = 1_000_000_000  # of all visitors' models together
_total = 0
_lock = threading.Lock()


class OwnModel:
    """The place of one visitor's model."""

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._size = 0

    @property
    def card(self) -> ModelCard | None:
        """Of the model that is there; None without one."""
        return None if self._engine is None else self._engine.card

    def engine(self, card: ModelCard) -> Engine:
        """The engine of ``card``.

        Raises:
            EngineError: another model, or none, is there by now.
        """
        if self._engine is None or self._engine.card != card:
            raise EngineError("Your model is not in this session any more; upload it again.")
        return self._engine

    def put(self, card: ModelCard, data: bytes) -> None:
        """Take a model in place of the one before.

        Raises:
            ServerBusy: other visitors' models leave no room.
        """
        global _total  # noqa: PLW0603 - what all visitors hold is one number
        self.drop()
        with _lock:
            if _total + len(data) > MAX_BYTES:
                raise ServerBusy(
                    "Other visitors' models take all the room that is kept for such; try again "
                    "later."
                )
            _total += len(data)
            self._size = len(data)
        self._engine = open_brought(card, data)

    def drop(self) -> None:
        """End its process and let go of its file."""
        global _total  # noqa: PLW0603 - as above
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()
        with _lock:
            size, self._size = self._size, 0
            _total -= size


@st.cache_resource(scope="session", show_spinner=False, on_release=lambda own: own.drop())
def own_model() -> OwnModel:
    """This visitor's place."""
    return OwnModel()
