"""Explanations that take seconds: never before the rest of the page, and with a bar that moves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import streamlit as st

from xray_app.cards import ModelCard
from xray_app.core import Radiograph
from xray_app.diagnosis import (
    DEFAULT_EXPLANATION,
    Arrived,
    Choices,
    Comparison,
    Diagnosis,
    compare,
    explained_by,
)
from xray_app.explain import ALL, Advance
from xray_app.ui.session.cached_work import LONGEST_QUEUE, once
from xray_app.ui.session.fair_queue import FairQueue
from xray_app.ui.session.resources import comparison_of, engine_for, model_key

# A queue of their own: many passes over the model must not hold up those who want one.
_SLOW = FairQueue(1, LONGEST_QUEUE)


def with_chosen_map(
    card: ModelCard, radiograph: Radiograph, choices: Choices, diagnosis: Diagnosis
) -> Diagnosis:
    """The result with the map of the chosen explanation, made here if that one is slow."""
    if not choices.is_slow:
        return diagnosis
    asked = replace(choices, layer=None)
    with _bar(asked, 1 + (diagnosis.scheme != diagnosis.trained_scheme)) as advance:
        return once(
            ("slow map", *model_key(card), radiograph.digest, asked),
            lambda: explained_by(engine_for(card), diagnosis, asked.explanation, advance),
            _SLOW,
        )


def compared(
    card: ModelCard,
    radiograph: Radiograph,
    schemes: tuple[str, ...],
    choices: Choices,
    arrived: Arrived | None = None,
) -> Comparison:
    """All schemes beside each other; a slow explanation only if the visitor asks for it here."""
    if not choices.is_slow:
        return comparison_of(card, radiograph, schemes, choices, arrived)
    if card.brought is not None:
        st.info(
            f"{ALL[choices.explanation].label} would take minutes for all schemes, so there are no "
            "such maps here; Diagnose makes one.",
            icon=":material/hourglass_top:",
        )
        return comparison_of(card, radiograph, schemes, choices.quick, arrived)
    label, default = (ALL[n].label for n in (choices.explanation, DEFAULT_EXPLANATION))
    st.info(
        f"{label} takes seconds for each scheme, so the maps here are {default}'s.",
        icon=":material/hourglass_top:",
    )
    if not st.toggle(f"Use {label} all the same, for about a minute", key="slow_compare"):
        return comparison_of(card, radiograph, schemes, choices.quick, arrived)
    asked = replace(choices, scheme=None, layer=None)
    with _bar(asked, len(schemes)) as advance:
        return once(
            ("slow comparison", *model_key(card), radiograph.digest, schemes, asked),
            lambda: compare(engine_for(card), radiograph, schemes, asked, advance),
            _SLOW,
        )


@contextmanager
def _bar(choices: Choices, maps: int) -> Iterator[Advance]:
    label = ALL[choices.explanation].label
    many = f" for {maps} schemes" if maps > 1 else ""
    text = f"{label} runs the model many times{many}; the rest of the page is ready."
    place = st.empty()

    def advance(fraction: float) -> None:
        place.progress(min(1.0, fraction), text=text)

    advance(0.0)
    try:
        yield advance
    finally:
        place.empty()
