"""The same image fitted in other ways, side by side: a picture and a button each."""

import re
from collections.abc import Callable

import streamlit as st

from xray_app.cards import ModelCard
from xray_app.diagnosis import GeometryComparison, GeometryPass
from xray_app.presentation import (
    fit_sentence,
    geometry_label,
    short_label,
    tile,
    where_sentence,
)
from xray_app.ui.words import plain

_OPEN, _KEY = "opened_fit", "geometry_strip"

# On a narrow screen the strip scrolls, as the grid does.
_STYLE = """<style>
.st-key-geometry_strip [data-testid="stHorizontalBlock"] { flex-wrap: nowrap; gap: 0.5rem; }
.st-key-geometry_strip [data-testid="stColumn"] { min-width: 8.5rem; flex: 1 1 8.5rem; }
.st-key-geometry_strip { overflow-x: auto; }
.st-key-geometry_strip button { min-height: 3.4rem; padding: 0.1rem 0.25rem; width: 100%; }
.st-key-geometry_strip button p {
    font-size: 0.8rem; line-height: 1.15; white-space: normal; overflow: visible;
}
OPENED button { outline: 3px solid light-dark(#0B6690, #5FB6E0) !important; outline-offset: -2px; }
</style>"""


def show_geometries(
    card: ModelCard, comparison: GeometryComparison, opacity: float, colour_map: str
) -> None:
    """Draw the strip, and below it the opened fit beside that of training."""
    places = range(len(comparison.passes))
    opened: int = st.session_state.get(_OPEN, 0)
    opened = opened if opened in places else 0
    st.html(_STYLE.replace("OPENED", f".st-key-fit_{opened}"))
    look = comparison.saliency_scale, opacity, colour_map
    with st.container(key=_KEY):
        for place, column, one in zip(
            places, st.columns(len(places)), comparison.passes, strict=True
        ):
            with column:
                st.image(tile(one.display, one.scheme_pass.saliency, *look), alt=_alt(one))
                _button(card, one, place)
    if opened:
        _show_opened(card, comparison, comparison.passes[opened], look)


def _button(card: ModelCard, one: GeometryPass, place: int) -> None:
    prediction = one.scheme_pass.prediction
    labels = {name: card.label(name) for name in card.class_names}
    said = f"{plain(short_label(prediction.predicted, labels))} {prediction.top_probability:.2f}"
    label = geometry_label(one.effect.geometry, one.effect.trained)
    icon = ":material/change_circle:" if one.flips else None
    if not place:
        icon = ":material/star:"
    st.button(
        f"{plain(label)}: **{said}**",
        key=f"fit_{place}",
        help=plain(_sentence(one)),
        icon=icon,
        on_click=_opener(place),
        width="stretch",
    )


def _show_opened(
    card: ModelCard,
    comparison: GeometryComparison,
    one: GeometryPass,
    look: tuple[float, float, str],
) -> None:
    trained = comparison.trained
    before, after = (p.scheme_pass.prediction for p in (trained, one))
    st.markdown(
        f"**{plain(one.effect.geometry.text.capitalize())}.** {plain(_sentence(one))} As trained "
        f"{plain(card.label(before.predicted))} {before.top_probability:.2f}, here "
        f"{plain(card.label(after.predicted))} {after.top_probability:.2f}."
    )
    for place, shown, title in zip(
        st.columns(3, gap="medium"), (trained, one), ("As trained", "Fitted so"), strict=False
    ):
        place.markdown(f"**{title}**")
        place.image(
            tile(shown.display, shown.scheme_pass.saliency, *look), alt=_alt(shown), width="stretch"
        )


def _sentence(one: GeometryPass) -> str:
    return fit_sentence(one.effect, one.scheme_pass.contract) or f"Fitted {one.effect.message}"


def _alt(one: GeometryPass) -> str:
    saliency = one.scheme_pass.saliency
    label = geometry_label(one.effect.geometry, one.effect.trained)
    return re.sub(r"\s+", " ", f"{label}: heatmap, {where_sentence(saliency, one.lungs.lungs)}")


def _opener(place: int) -> Callable[[], None]:
    def open_fit() -> None:
        st.session_state[_OPEN] = place

    return open_fit
