"""What can be chosen about the file itself: frame, window and level."""

import math
from typing import Any

import streamlit as st

from xray_app.core import Radiograph, WindowControls
from xray_app.readers import RANGE, RUINED_ADVICE, ReadOptions, check_window
from xray_app.ui.session.offers import FOR_SESSION
from xray_app.ui.session.resources import radiograph_from, rewindowed
from xray_app.ui.widgets.choices.box import told_apart
from xray_app.ui.widgets.sidebar import Selection
from xray_app.ui.words import plain

_OWN = "own"
_STEPS = (1.0, 0.5)


def selected_radiograph(selection: Selection) -> Radiograph:
    """Read the selected radiograph, with the frame and window chosen in the sidebar.

    The controls are drawn only for files that have something to choose. Another window redraws
    without decoding again.

    Raises:
        InputError: the file can't be read.
    """
    source = selection.source
    if source.error is not None:
        raise source.error
    radiograph = radiograph_from(
        source.key, source.label, source.data, ReadOptions(), is_sample=source.is_sample
    )
    if radiograph.controls is None:
        return radiograph
    with selection.file_controls:
        frame = _choose_frame(radiograph.controls, source.key)
        if frame != 1:
            options = ReadOptions(frame=frame)
            radiograph = radiograph_from(source.key, source.label, source.data, options)
        controls = radiograph.controls
        asked = f"window_{source.key}" in st.session_state  # also of 8 bits, in the viewer
        if controls is None or not (controls.is_windowable or asked):
            return radiograph
        return _with_window(selection, radiograph, controls, frame)


def show_notices(radiograph: Radiograph, key: str) -> None:
    """Say what speaks against the image, with a button where another window helps.

    Args:
        radiograph: as it is shown.
        key: of its source.
    """
    for notice in radiograph.notices:
        st.warning(plain(notice), icon=":material/info:")
        if notice.endswith(RUINED_ADVICE):
            st.button(
                "Show the image's own range", key="window_range", icon=":material/contrast:",
                on_click=_show_range, args=(key,),
            )  # fmt: skip


def use_window(key: str, controls: WindowControls, asked: dict[str, Any]) -> None:
    """Give the model the window that the viewer shows, as if it had been chosen in the sidebar.

    To be called before the sidebar is drawn.

    Args:
        key: of the source.
        controls: of the radiograph that the viewer shows.
        asked: the ``name`` of an offer, or ``low`` and ``high`` in modality values.

    Raises:
        InputError: they are no window.
    """
    name = asked.get("name")
    if name in {offer.name for offer in controls.offers}:
        st.session_state[f"window_{key}"] = name
        return
    low, high = (_number(asked.get(end)) for end in ("low", "high"))
    check_window(low, high)
    bottom, top = _bounds(controls)
    st.session_state[f"window_{key}"] = _OWN
    st.session_state[f"ends_{key}_{controls.frame}"] = (low, high)
    # The slider must reach as far, and to the same fraction.
    step = next((s for s in _STEPS if all(e % s == 0.0 for e in (low, high))), (high - low) / 1000)
    st.session_state[f"bounds_{key}_{controls.frame}"] = (min(bottom, low), max(top, high), step)


def _number(value: object) -> float:
    """An end as it arrives; one that JSON has no number for, such as infinity, comes as none."""
    return float(value) if isinstance(value, int | float) else math.nan


def _bounds(controls: WindowControls) -> tuple[float, float]:
    low, high = controls.value_range
    return float(low), float(max(high, low + 1))


def _show_range(key: str) -> None:
    st.session_state[f"window_{key}"] = RANGE


def _choose_frame(controls: WindowControls, key: str) -> int:
    if controls.frames == 1:
        return 1
    help_text = f"The file holds {controls.frames} frames or pages."
    frame = st.number_input(
        "Frame", 1, controls.frames, key=f"frame_{key}", help=help_text, persist_state=FOR_SESSION
    )
    return int(frame)


def _with_window(
    selection: Selection, radiograph: Radiograph, controls: WindowControls, frame: int
) -> Radiograph:
    source = selection.source
    labels = {offer.name: offer.label for offer in controls.offers} | {_OWN: "A window of your own"}
    name = st.selectbox(
        "Window",
        list(labels),
        format_func=told_apart(list(labels), labels.__getitem__),
        key=f"window_{source.key}",
        persist_state=FOR_SESSION,
    )
    if name == _OWN:
        ends = _choose_ends(f"{source.key}_{frame}", controls)
        if ends[0] >= ends[1]:
            st.caption("Widen the window: black must lie below white.")
            return radiograph
        return rewindowed(radiograph.digest, *ends, radiograph)
    if name == controls.chosen:
        return radiograph
    options = ReadOptions(frame=frame, window=name)
    return radiograph_from(source.key, source.label, source.data, options)


def _choose_ends(key: str, controls: WindowControls) -> tuple[float, float]:
    # Whole values: what lies between two stored ones shows nothing new.
    bounds = (*_bounds(controls), 1.0)
    low, high, step = st.session_state.get(f"bounds_{key}", bounds)
    is_set = f"ends_{key}" in st.session_state
    value = None if is_set else controls.window or (low, high)
    ends: tuple[float, float] = st.slider(
        "Black and white", low, high, value, step, key=f"ends_{key}", persist_state=FOR_SESSION
    )
    return ends
