"""The shared choices: radiograph, model, scheme, explanation, overlay.

They live in the sidebar, follow the visitor from page to page, and radiograph, model and scheme
stand in the address, so that a link opens the same view.
"""

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from xray_app.cards import ModelCard
from xray_app.core import UnknownChoice
from xray_app.core.images import COLOUR_MAPS, OPACITY
from xray_app.core.normalization import Scheme, parse_scheme
from xray_app.diagnosis import Choices
from xray_app.engines import default_model, find_card, list_models
from xray_app.samples import list_samples
from xray_app.ui.session.offers import FOR_SESSION, begin_offers, end_offers
from xray_app.ui.session.own_model import own_model
from xray_app.ui.widgets.choices.box import select
from xray_app.ui.widgets.choices.scheme import boxes_of, choose_scheme
from xray_app.ui.widgets.choices.source import Source, choose_source
from xray_app.ui.widgets.explanation_choice import choose_explanation
from xray_app.ui.words import plain

DEFAULT_SAMPLE = "bacterial_pneumonia_1"
ADDRESS = "in_address"  # what else stands in the address, by parameter; of the session
SECOND = "second"  # key of the box for a second model, on the page that has one
WITH, _WITH_PAGE = "with", "models"  # in the address
_KEY = "selection"


@dataclass(frozen=True, slots=True)
class Selection:
    """Everything that is chosen in the sidebar.

    ``outlines`` is whether the lungs are outlined; ``file_controls`` is the place for what can be
    chosen once the file has been read.
    """

    source: Source
    card: ModelCard
    scheme: Scheme
    choices: Choices
    opacity: float
    colour_map: str
    outlines: bool
    file_controls: DeltaGenerator


def choose(page: str = "") -> None:
    """Draw the sidebar and keep what is chosen for the page, named by its address.

    Raises:
        XrayAppError: a model's card is wrong, or the address names what does not exist.
    """
    wrong = _seed_from_address()
    begin_offers()
    with st.sidebar:
        source = choose_source()
        file_controls = st.container()
        card = _choose_model()
        scheme = choose_scheme(card)
        explanation, target, layer = choose_explanation(card)
        st.session_state.setdefault("opacity", OPACITY)  # which a key may have set
        opacity = st.slider(
            "Overlay opacity", 0.0, 1.0, step=0.05, key="opacity", persist_state=FOR_SESSION
        )
        colour_map = select("Colours", tuple(COLOUR_MAPS), "colours", str.capitalize)
        outlines = card.lungs is not None and st.toggle(
            "Outline the lungs",
            key="outlines",
            persist_state=FOR_SESSION,
            help="Drawn by a network; where its drawing doesn't look like lungs, none is shown.",
        )
    end_offers()
    choices = Choices(scheme.name, explanation, target, layer)
    st.session_state[_KEY] = Selection(
        source, card, scheme, choices, opacity, colour_map, outlines, file_controls
    )
    _write_address(source, card, scheme, page)
    for sentence in wrong:
        st.warning(plain(sentence), icon=":material/link_off:")


def current_selection() -> Selection:
    """What the sidebar holds in this script run."""
    selection: Selection = st.session_state[_KEY]
    return selection


def _choose_model() -> ModelCard:
    """An installed model, or the one that the visitor brought."""
    own = own_model().card
    names = (*list_models(), *([own.name] if own else []))

    def card_of(name: str) -> ModelCard:
        return own if own is not None and name == own.name else find_card(name)

    if st.session_state.get("model") not in names:
        st.session_state["model"] = default_model()
    return card_of(select("Model", names, "model", lambda n: card_of(n).title))


def _seed_from_address() -> list[str]:
    """Take the address's choices over at a session's first run; say which of them don't exist."""
    if _KEY in st.session_state:
        return []
    defaults = {
        "sample": DEFAULT_SAMPLE,
        "model": default_model(),
    }
    asked = st.query_params
    wrong = []
    boxes = (
        ("sample", "sample", "sample", list_samples()),
        ("model", "model", "model", list_models()),
        (WITH, SECOND, "second model", list_models()),
    )
    for key, box, kind, known in boxes:
        if key in asked and asked[key] not in known:
            wrong.append(str(UnknownChoice.of(kind, asked[key], known)))
        elif key in asked:
            defaults[box] = asked[key]
    defaults["scheme"] = find_card(defaults["model"]).contract.scheme
    if "scheme" in asked:
        try:
            scheme = parse_scheme(asked["scheme"])
            defaults |= boxes_of(scheme, find_card(defaults["model"]))
        except UnknownChoice as error:
            wrong.append(str(error))
    card = find_card(defaults["model"])
    if "weights" in asked and asked["weights"] != card.short_hash:
        wrong.append(
            f"The link was made with other weights of {card.name} ({asked['weights']}); here are "
            f"those of version {card.version} ({card.short_hash}), so figures may differ."
        )
    for key, value in defaults.items():
        st.session_state.setdefault(key, value)
    return wrong


def _write_address(source: Source, card: ModelCard, scheme: Scheme, page: str) -> None:
    address = {"model": card.name, "weights": card.short_hash, "scheme": scheme.name}
    if card.brought is not None:  # it is there for this visitor alone
        address = {"scheme": scheme.name}
    if source.is_sample:
        address["sample"] = source.key.removeprefix("sample:")
    second = st.session_state.get(SECOND)
    if page == _WITH_PAGE and second in list_models() and second != card.name:
        address[WITH] = second
    address |= {key: str(value) for key, value in st.session_state.get(ADDRESS, {}).items()}
    if st.query_params.to_dict() != address:
        st.query_params.from_dict(address)
