"""The normalization scheme: a preset, or a contrast and a scale."""

import streamlit as st

from xray_app.cards import ModelCard, trained_scheme
from xray_app.core.normalization import CONTRASTS, PRESETS, SCALES, Scheme, paired, parse_scheme
from xray_app.ui.widgets.choices.box import CUSTOM, select


def choose_scheme(card: ModelCard) -> Scheme:
    """Draw the box, and two more for a pair of one's own; then the scheme's formula."""
    own = trained_scheme(card).scale.name

    def label(name: str) -> str:
        if name == CUSTOM:
            return "Another pair of steps…"
        scheme = parse_scheme(name)
        if name not in PRESETS:
            return f"{scheme.contrast.label}, at this model's scale ({name})"
        trained = ", as trained" if name == card.contract.scheme else ""
        return f"{scheme.label} ({name}{trained})"

    options = _options(own)
    if st.session_state.get("scheme", CUSTOM) not in options:  # another model's own scale
        st.session_state["scheme"] = paired(
            parse_scheme(st.session_state["scheme"]).contrast.name, own
        ).name
    name = select("Normalization scheme", options, "scheme", label)
    if name == CUSTOM:
        contrast = select("Contrast", tuple(CONTRASTS), "contrast", lambda n: CONTRASTS[n].label)
        scale = select("Scale", tuple(SCALES), "scale", lambda n: SCALES[n].label)
        name = f"{contrast}+{scale}"
    scheme = parse_scheme(name)
    st.latex(scheme.formula)
    st.caption(f"{scheme.explanation} Range: {scheme.output_range}.")
    return scheme


def _options(own: str) -> tuple[str, ...]:
    """The presets, each that changes contrast behind the same contrast at the model's own scale.

    Who picks CLAHE asks what the contrast does; at another scale that is not what the model tells.
    """
    options: dict[str, None] = {}
    for preset in PRESETS.values():
        if preset.contrast.name != "none":
            options[paired(preset.contrast.name, own).name] = None
        options[preset.name] = None
    return (*options, CUSTOM)


def boxes_of(scheme: Scheme, card: ModelCard) -> dict[str, str]:
    """What the boxes hold, by key, where this scheme is chosen for this model."""
    if scheme.name in _options(trained_scheme(card).scale.name):
        return {"scheme": scheme.name}
    return {"scheme": CUSTOM, "contrast": scheme.contrast.name, "scale": scheme.scale.name}
