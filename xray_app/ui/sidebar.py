"""The shared choices: radiograph, model, scheme, explanation, overlay.

They live in the sidebar, follow the visitor from page to page, and radiograph, model and scheme
stand in the address, so that a link opens the same view.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from xray_app.core.card import ModelCard
from xray_app.core.colour import COLOUR_MAPS
from xray_app.core.contrast import CONTRASTS
from xray_app.core.errors import UnknownChoice
from xray_app.core.normalization import PRESETS, Scheme, parse_scheme
from xray_app.core.scale import SCALES
from xray_app.engines.catalogue import find_card, list_models
from xray_app.explain.class_activation import EXPLANATIONS
from xray_app.readers import READERS
from xray_app.samples.catalogue import list_samples, read_sample, sample_label
from xray_app.services.passes import DEFAULT_EXPLANATION, DETAIL, Choices

DEFAULT_SAMPLE = "bacterial_pneumonia_1"
CUSTOM = "custom"
_KEY = "selection"
_PREDICTED = "predicted"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the radiograph comes from; ``key`` stands for the bytes of ``data``."""

    key: str
    label: str
    data: bytes
    is_sample: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """Everything that is chosen in the sidebar."""

    source: Source
    card: ModelCard
    scheme: Scheme
    choices: Choices
    opacity: float
    colour_map: str


def choose() -> None:
    """Draw the sidebar and keep what is chosen for the page.

    Raises:
        XrayAppError: a model's card is wrong, or the address names what does not exist.
    """
    wrong = _seed_from_address()
    with st.sidebar:
        source = _choose_source()
        card = find_card(_select("Model", list_models(), "model", lambda n: find_card(n).title))
        scheme = _choose_scheme(card)
        explanation, target, layer = _choose_explanation(card)
        opacity = st.slider("Overlay opacity", 0.0, 1.0, 0.6, 0.05, key="opacity")
        colour_map = _select("Colours", tuple(COLOUR_MAPS), "colours", str.capitalize)
    choices = Choices(scheme.name, explanation, target, layer)
    st.session_state[_KEY] = Selection(source, card, scheme, choices, opacity, colour_map)
    _write_address(source, card, scheme)
    for sentence in wrong:
        st.warning(sentence, icon=":material/link_off:")


def current_selection() -> Selection:
    """What the sidebar holds in this script run."""
    selection: Selection = st.session_state[_KEY]
    return selection


def _select(
    label: str,
    options: Sequence[str],
    key: str,
    format_func: Callable[[str], str] = str,
    help_text: str | None = None,
) -> str:
    return st.selectbox(label, options, key=key, format_func=format_func, help=help_text)


def _choose_source() -> Source:
    formats = ", ".join(reader.label for reader in READERS.values())
    uploads = st.file_uploader(
        "Radiograph", accept_multiple_files=True, key="uploads", help=f"Read here: {formats}."
    )
    if not uploads:
        name = _select("or an AI-generated sample", list_samples(), "sample", sample_label)
        label = f"{sample_label(name)} (AI-generated)"
        return Source(f"sample:{name}", label, read_sample(name), True)
    by_id = {upload.file_id: upload for upload in uploads}
    shown = next(iter(by_id))
    if len(by_id) > 1:
        shown = _select("Shown", tuple(by_id), "shown", lambda i: by_id[i].name)
    return Source(shown, by_id[shown].name, by_id[shown].getvalue(), False)


def _choose_scheme(card: ModelCard) -> Scheme:
    def label(name: str) -> str:
        if name == CUSTOM:
            return "Another pair of steps…"
        trained = ", as trained" if name == card.contract.scheme else ""
        return f"{PRESETS[name].label} ({name}{trained})"

    name = _select("Normalization scheme", (*PRESETS, CUSTOM), "scheme", label)
    if name == CUSTOM:
        contrast = _select("Contrast", tuple(CONTRASTS), "contrast", lambda n: CONTRASTS[n].label)
        scale = _select("Scale", tuple(SCALES), "scale", lambda n: SCALES[n].label)
        name = f"{contrast}+{scale}"
    scheme = parse_scheme(name)
    st.latex(scheme.formula)
    st.caption(f"{scheme.explanation} Range: {scheme.output_range}.")
    return scheme


def _choose_explanation(card: ModelCard) -> tuple[str, str | None, str]:
    def label(name: str) -> str:
        return "The predicted class" if name == _PREDICTED else card.label(name)

    explanation = _select(
        "Explanation",
        tuple(EXPLANATIONS),
        "explanation",
        lambda name: EXPLANATIONS[name].label,
        "  \n".join(f"**{e.label}**: {e.explanation}" for e in EXPLANATIONS.values()),
    )
    target = _select("Class to explain", (_PREDICTED, *card.class_names), "target", label)
    layer = _select(
        "Layer",
        tuple(DETAIL),
        "layer",
        str.capitalize,
        "The last convolutional layer knows most and sees coarsest; finer ones show smaller spots "
        "and know less of the class.",
    )
    return explanation, None if target == _PREDICTED else target, layer


def _seed_from_address() -> list[str]:
    """Take the address's choices over at a session's first run; say which of them don't exist."""
    if _KEY in st.session_state:
        return []
    defaults = {
        "sample": DEFAULT_SAMPLE,
        "model": list_models()[0],
        "explanation": DEFAULT_EXPLANATION,
    }
    asked = st.query_params
    wrong = []
    for key, known in (("sample", list_samples()), ("model", list_models())):
        if key in asked and asked[key] not in known:
            wrong.append(str(UnknownChoice.of(key, asked[key], known)))
        elif key in asked:
            defaults[key] = asked[key]
    defaults["scheme"] = find_card(defaults["model"]).contract.scheme
    if "scheme" in asked:
        try:
            defaults |= _scheme_widgets(parse_scheme(asked["scheme"]))
        except UnknownChoice as error:
            wrong.append(str(error))
    for key, value in defaults.items():
        st.session_state.setdefault(key, value)
    return wrong


def _scheme_widgets(scheme: Scheme) -> dict[str, str]:
    if scheme.name in PRESETS:
        return {"scheme": scheme.name}
    return {"scheme": CUSTOM, "contrast": scheme.contrast.name, "scale": scheme.scale.name}


def _write_address(source: Source, card: ModelCard, scheme: Scheme) -> None:
    address = {"model": card.name, "scheme": scheme.name}
    if source.is_sample:
        address["sample"] = source.key.removeprefix("sample:")
    if st.query_params.to_dict() != address:
        st.query_params.from_dict(address)
