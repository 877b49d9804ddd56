"""The table of layers between a model's input and its first convolution."""

from collections.abc import Iterable

import streamlit as st

from xray_app.core.text import affine_text, channels_text, constants_text
from xray_app.engines import PROBE_VALUES, LayerFacts, ModelFacts
from xray_app.ui.words import plain

_SHOWN = (0.0, 127.5, 255.0)
_BREAK = "  \n"


def show_layers(facts: ModelFacts) -> None:
    """One row a layer: its constants, its measured map, and what some inputs have become there."""
    if not facts.layers:
        st.markdown("No layer changes pixel values before the first convolution.")
        return
    st.table(
        {
            "Layer": [
                _lines((plain(layer.path), plain(f"({layer.kind})"))) for layer in facts.layers
            ],
            "Constants": [constants_text(layer.constants) or "none" for layer in facts.layers],
            "Measured": [
                affine_text(layer.affine).replace(" / ", _BREAK) for layer in facts.layers
            ],
            "The input becomes": [_lines(_becomes(layer)) for layer in facts.layers],
        },
        border="horizontal",
        hide_index=True,
    )
    overall = affine_text(facts.affine)
    st.caption(f"All layers together: y = {overall}, with x a value of the model's input.")


def _becomes(layer: LayerFacts) -> list[str]:
    by_value = dict(zip(PROBE_VALUES, layer.outputs, strict=True))
    return [f"{value:g} → {channels_text(by_value[value])}" for value in _SHOWN]


def _lines(texts: Iterable[str]) -> str:
    """Markdown with one text a line."""
    return _BREAK.join(texts)
