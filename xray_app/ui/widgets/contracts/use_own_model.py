"""Put a model that was inspected to use for this visit."""

from functools import partial

import streamlit as st

from xray_app.cards import ModelCard
from xray_app.core import InputError, XrayAppError
from xray_app.core.images import FITS
from xray_app.core.normalization import PRESETS
from xray_app.inspection import Inspection, Use, brought_card
from xray_app.ui.session.offers import FOR_SESSION
from xray_app.ui.session.own_model import own_model
from xray_app.ui.widgets.choices.lasting_upload import upload_of
from xray_app.ui.words import plain

_ERROR = "own_error"
_USUAL_SIDE = 224


def show_use(inspection: Inspection, key: str) -> None:
    """What the file doesn't tell, and the button.

    Args:
        inspection: of the file.
        key: of the ``lasting_upload`` that holds the file.
    """
    st.subheader("Use it in this session")
    st.caption(
        ":material/shield: The file then stays in this server's memory for as long as you do, for "
        "you alone, in a process of its own. No gate knows it and nothing calibrates its figures: "
        "every page says so first."
    )
    facts, known = inspection.facts, inspection.expectation.scheme
    if not _can_be_used(inspection):
        return
    use = _asked(inspection)
    if use is None:
        return
    card = own_model().card
    if card is not None and card.weights.sha256 == facts.sha256:
        st.success(f"In use: {plain(card.title)}. It is chosen in the sidebar.")
    st.button(
        "Use in this session" if card is None else "Use it so",
        key="own_use",
        type="primary",
        icon=":material/play_arrow:",
        # By key: a callback that held the file would hold it for the whole visit.
        on_click=partial(_take, inspection, use, key),
    )
    if card is not None:
        st.button("Let it go", key="own_drop", icon=":material/close:", on_click=_let_go)
    if known is None:
        st.caption("The scheme is your word: nothing in the file tells it.")
    if error := st.session_state.pop(_ERROR, None):
        st.error(plain(error), icon=":material/error:")


def _can_be_used(inspection: Inspection) -> bool:
    facts = inspection.facts
    if facts.outputs is None:
        st.info("It gives features and not one figure a class, so it can't be used here.")
        return False
    return True


def _asked(inspection: Inspection) -> Use | None:
    facts, known = inspection.facts, inspection.expectation.scheme
    count = max(2, facts.outputs or 2)
    left, right = st.columns(2, gap="medium")
    schemes = [name for name in PRESETS if PRESETS[name].scale.name != "dataset"]
    scheme = left.selectbox(
        "Trained with the scheme",
        schemes,
        index=schemes.index(known) if known in schemes else None,
        placeholder="Only who trained it knows",
        format_func=lambda name: f"{PRESETS[name].label} ({name})",
        key=f"own_scheme_{facts.sha256[:8]}",
        persist_state=FOR_SESSION,
    )
    fit = left.selectbox(
        "Training fitted images by",
        list(FITS),
        key=f"own_fit_{facts.sha256[:8]}",
        persist_state=FOR_SESSION,
    )
    side = None
    if None in facts.input_shape[:2]:
        asked = left.number_input(
            "Pixels a side", 32, 1024, _USUAL_SIDE, 32, key="own_side", persist_state=FOR_SESSION
        )
        side = int(asked)
    labels = right.text_area(
        f"Names of its {count} classes, one a line in the order of its outputs",
        "\n".join(facts.labels),
        height=180,
        placeholder="Normal\nPneumonia",
        key=f"own_labels_{facts.sha256[:8]}",
        persist_state=FOR_SESSION,
    )
    if scheme is None:
        st.info("Choose the scheme that it was trained with: the layers don't tell.")
        return None
    return Use(scheme, tuple(line for line in labels.splitlines() if line.strip()), side, fit)


def _take(inspection: Inspection, use: Use, key: str) -> None:
    try:
        file = upload_of(key)
        if file is None:
            raise InputError("Expected the model's file, received none; upload it again.")
        card = brought_card(inspection, use)
        own_model().put(card, file.getvalue())
    except XrayAppError as error:
        st.session_state[_ERROR] = str(error)
        return
    _choose(card)


def _choose(card: ModelCard) -> None:
    """Choose it in the sidebar, fed as it was trained."""
    st.session_state["model"] = card.name
    st.session_state["scheme"] = card.contract.scheme
    for key in ("target", "explanation", "layer"):
        st.session_state.pop(key, None)


def _let_go() -> None:
    own_model().drop()
    for key in ("model", "target", "explanation", "layer"):
        st.session_state.pop(key, None)
