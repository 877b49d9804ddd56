"""What the model's own first layers do to pixel values, measured."""

import streamlit as st

from xray_app.cards import ModelCard
from xray_app.core import XrayAppError
from xray_app.core.normalization import SCALES, Channels
from xray_app.core.text import channels_text, ends_text
from xray_app.inspection import PIXEL_SCALES, InsideModel, PixelStep, follow_pixel
from xray_app.ui.charts.figures import PLAIN
from xray_app.ui.charts.inside import reach_chart
from xray_app.ui.session.cached_work import MODEL, once
from xray_app.ui.session.offers import FOR_SESSION
from xray_app.ui.session.resources import engine_for, inside_of, model_key
from xray_app.ui.widgets.bring_your_own import show_bring_your_own
from xray_app.ui.widgets.file_controls import selected_radiograph
from xray_app.ui.widgets.keras_builds import show_keras_builds
from xray_app.ui.widgets.layer_table import show_layers
from xray_app.ui.widgets.sidebar import current_selection
from xray_app.ui.words import disclaimer, plain

_SLIDER, _NUMBER = "inside_slider", "inside_number"


def _page() -> None:
    selection = current_selection()
    card, source = selection.card, selection.source
    st.title("Inside the model")
    engine_for(card)  # starts loading while the rest is painted
    disclaimer(card)
    verdict, layers, pixel, schemes = (st.container() for _ in range(4))
    show_keras_builds()
    upload = st.container()
    radiograph = selected_radiograph(selection)
    with verdict:
        inside = inside_of(card, radiograph)
        _show_verdict(inside)
    with layers:
        st.header("Layers between the input and the first convolution")
        show_layers(inside.facts)
    with pixel:
        st.header("Follow one pixel")
        _show_pixel(card)
    with schemes:
        _show_schemes(inside, plain(source.label))
    with upload:
        show_bring_your_own()


def _show_verdict(inside: InsideModel) -> None:
    check = inside.check
    box, icon = (
        (st.success, ":material/check_circle:")
        if check.agrees
        else (st.error, ":material/dangerous:")
    )
    box(f"**{plain(check.headline)}.** {plain(check.message)}", icon=icon)
    for issue in inside.issues:
        st.warning(plain(issue.message), icon=":material/warning:")


@st.fragment
def _show_pixel(card: ModelCard) -> None:
    st.session_state.setdefault(_SLIDER, 128)
    st.session_state.setdefault(_NUMBER, 128.0)
    left, right = st.columns([2, 1], gap="medium")
    left.slider(
        "Gray value of the pixel, 0 black to 255 white",
        0,
        255,
        key=_SLIDER,
        on_change=_to_number,
        persist_state=FOR_SESSION,
    )
    right.number_input(
        "or any number", step=1.0, key=_NUMBER, on_change=_to_slider, persist_state=FOR_SESSION
    )
    scale = st.segmented_control(
        "Given to the model as",
        PIXEL_SCALES,
        default=PIXEL_SCALES[0],
        format_func=lambda name: SCALES[name].label,
        key="inside_scale",
        persist_state=FOR_SESSION,
        required=True,
        help="Schemes that look at the whole image, such as a z-score, have no answer for one "
        "pixel alone.",
    )
    try:
        steps = _followed(card, st.session_state[_NUMBER], scale)
    except XrayAppError as error:  # a fragment's own run has no boundary above it
        st.error(plain(error), icon=":material/error:")
        return
    st.table(
        {
            "Step": [plain(step.name) for step in steps],
            **{
                name: [_channel(step.values, channel) for step in steps]
                for channel, name in enumerate(("Channel 1", "Channel 2", "Channel 3"))
            },
        },
        border="horizontal",
        hide_index=True,
    )
    st.markdown(f"At the first convolution: **{channels_text(steps[-1].values)}**")


def _followed(card: ModelCard, value: float, scale: str) -> tuple[PixelStep, ...]:
    """The pixel's steps, computed in turn."""
    return once(
        ("pixel", *model_key(card), value, scale),
        lambda: follow_pixel(engine_for(card), value, scale),
        MODEL,
    )


def _channel(values: Channels, place: int) -> str:
    """A channel's value; none where the model made fewer of them."""
    return f"{values[place]:.6g}" if place < len(values) else ""


def _to_number() -> None:
    st.session_state[_NUMBER] = float(st.session_state[_SLIDER])


def _to_slider() -> None:
    # The slider goes as far as it can; the number that was typed is the one that counts.
    st.session_state[_SLIDER] = int(min(255.0, max(0.0, st.session_state[_NUMBER])))


def _show_schemes(inside: InsideModel, label: str) -> None:
    st.header("What each scheme sends to the first convolution")
    low, high = inside.training_range
    st.caption(
        f"The band is what training spanned, {low:.3f} to {high:.3f}. Each bar is {label}, blue "
        "where the scheme fits and orange where it does not. A bar much narrower than the band is "
        "an image whose contrast is gone."
    )
    st.plotly_chart(
        reach_chart(inside.reaches, inside.training_range),
        config=PLAIN,
        key="inside_reaches",
        alt="Range at the first convolution: "
        + "; ".join(f"{r.scheme} {ends_text(r.image)}" for r in inside.reaches),
    )
    st.table(
        {
            "Scheme, model input": [
                f"**{r.scheme}**  \n{ends_text(r.model_input)}" for r in inside.reaches
            ],
            "Ramp arrives as": [ends_text(r.ramp) for r in inside.reaches],
            "Radiograph arrives as": [ends_text(r.image) for r in inside.reaches],
            "In words": [r.headline for r in inside.reaches],
        },
        border="horizontal",
        hide_index=True,
    )


_page()
