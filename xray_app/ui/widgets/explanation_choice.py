"""Which explanation, of which class, at which layer.

What did best when it was checked is offered first, what failed its check last.
"""

from itertools import combinations
from pathlib import Path
from typing import Any

import streamlit as st

from xray_app.cards import (
    ARTEFACTS_FILE,
    FAITHFULNESS_FILE,
    ArtefactRecord,
    ModelCard,
    artefacts_of,
    beats_mean,
    beats_random,
    best_first,
    read_faithfulness,
)
from xray_app.core import CardError
from xray_app.diagnosis import DEFAULT_EXPLANATION, DETAIL
from xray_app.explain import ALL, EXPLANATIONS, NO_MAP, SLOW
from xray_app.ui.session.offers import FOR_SESSION
from xray_app.ui.widgets.choices.box import select

_PREDICTED = "predicted"
_MOST_PAIRED = 6  # classes; more make a list that nobody reads
_KEY, _ALL_KEY = "explanation", "all_explanations"


def choose_explanation(card: ModelCard) -> tuple[str, str | None, str]:
    """Draw the choices.

    Returns:
        A key of ``EXPLANATIONS``, the class or None for the predicted one, a key of ``DETAIL``.
    """
    explanation = _choose_own(card) if card.brought else _choose_method(checked(card))
    few = card.class_names if len(card.class_names) <= _MOST_PAIRED else ()
    pairs = [f"{one}:{other}" for one, other in combinations(few, 2)]
    if st.session_state.get("target") not in (_PREDICTED, *card.class_names, *pairs):
        st.session_state["target"] = _PREDICTED  # another model has other classes
    targets = (_PREDICTED, *card.class_names, *pairs)

    def target_label(name: str) -> str:
        return "The predicted class" if name == _PREDICTED else card.target_label(name)

    target = select("Class to explain", targets, "target", target_label)
    slow = explanation in SLOW
    layer = st.selectbox(
        "Layer",
        tuple(DETAIL)[: 1 if card.brought else None],
        key="layer",
        persist_state=FOR_SESSION,
        format_func=str.capitalize,
        disabled=slow or card.brought is not None,
        help="The last convolutional layer knows most and sees coarsest; finer ones show smaller "
        "spots and know less of the class.",
    )
    if slow:
        st.caption(f"{ALL[explanation].label} leaves no layer to choose.")
    return explanation, None if target == _PREDICTED else target, "last" if slow else layer


def _choose_own(card: ModelCard) -> str:
    """Of a visitor's own model, what its file allows; without a quick method none is made at first.

    Returns:
        The default explanation stands for none where the model doesn't allow it.
    """
    fitting = card.brought.explanations if card.brought else ()
    has_quick = any(name not in SLOW for name in fitting)
    offered = fitting if has_quick else (NO_MAP, *fitting)
    if st.session_state.get(_KEY) not in offered:
        st.session_state[_KEY] = offered[0]
    chosen = select("Explanation", offered, _KEY, _own_label)
    if not fitting:
        st.caption("No method fits: the file gives no gradients, and the model is too slow.")
    elif not has_quick:
        st.caption("The file gives no gradients, so no quick method fits; the slow ones ask it.")
    return DEFAULT_EXPLANATION if chosen == NO_MAP else chosen


def _own_label(name: str) -> str:
    if name == NO_MAP:
        return "None"
    return ALL[name].label + (" (slow)" if name in SLOW else "")


def habits(card: ModelCard) -> ArtefactRecord | None:
    """What was measured of the model's habits; None if nothing, or nothing that can be read."""
    path = card.folder / ARTEFACTS_FILE
    return _habits(card.model_dump_json(), path, path.stat().st_mtime) if path.is_file() else None


@st.cache_data(show_spinner=False)
def _habits(card_json: str, path: Path, modified: float) -> ArtefactRecord | None:
    del modified
    try:
        return artefacts_of(ModelCard.model_validate_json(card_json).beside(path.parent))
    except CardError:  # the page Model card says what is wrong with it
        return None


def checked(card: ModelCard) -> dict[str, Any] | None:
    """What was measured of this model's maps; None if nothing, or nothing that can be read."""
    path = card.folder / FAITHFULNESS_FILE
    return _read(path, path.stat().st_mtime) if path.is_file() else None


@st.cache_data(show_spinner=False)
def _read(path: Path, modified: float) -> dict[str, Any] | None:  # a newer file is another key
    del modified
    try:
        return read_faithfulness(path)
    except CardError:  # the page Model card says what is wrong with it
        return None


def _none_beats_random(record: dict[str, Any], offered: list[str]) -> str:
    said = "By deletion and insertion, no map of the last layer is shown to beat a random one."
    better = [EXPLANATIONS[n].label for n in offered if n not in SLOW and beats_mean(record, n)]
    if not better:
        return said
    return f"{said} Covering what it names costs more than the mean map's: {', '.join(better)}."


def _choose_method(record: dict[str, Any] | None) -> str:
    offered = list(best_first(record, EXPLANATIONS))
    good = [name for name in offered if beats_random(record, name)]
    place = st.container()
    if record is None:
        place_note = "Not checked for this model: whether a map beats a random one is unknown."
    elif not good:
        place_note = _none_beats_random(record, offered)
    else:
        place_note = ""
        more = "Also offer methods that are not shown to beat a random map"
        if not st.toggle(more, key=_ALL_KEY, persist_state=FOR_SESSION):
            offered = good
    if st.session_state.get(_KEY) not in offered:
        # The best of those that take no seconds; the default one where nothing was measured.
        st.session_state[_KEY] = next((name for name in offered if name not in SLOW), offered[0])

    def label(name: str) -> str:
        weak = ""
        if good and name not in good:
            measured = beats_random(record, name) is not None
            weak = ", not shown to beat random" if measured else ", not checked"
        return EXPLANATIONS[name].label + (" (slow)" if name in SLOW else "") + weak

    about = "  \n".join(f"**{e.label}**: {e.explanation}" for e in EXPLANATIONS.values())
    with place:
        chosen = select("Explanation", offered, _KEY, label, about)
        if place_note:
            st.caption(place_note)
    return chosen
