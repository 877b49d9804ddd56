"""What can be chosen about the file itself: frame, window and level."""

import streamlit as st

from xray_app.core import Radiograph, WindowControls
from xray_app.readers import RANGE, RUINED_ADVICE, ReadOptions
from xray_app.ui.session.resources import radiograph_from, rewindowed
from xray_app.ui.widgets.sidebar import Selection
from xray_app.ui.words import plain

_OWN = "own"


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
        if controls is None or not controls.is_windowable:
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


def _show_range(key: str) -> None:
    st.session_state[f"window_{key}"] = RANGE


def _choose_frame(controls: WindowControls, key: str) -> int:
    if controls.frames == 1:
        return 1
    help_text = f"The file holds {controls.frames} frames or pages."
    frame = st.number_input("Frame", 1, controls.frames, key=f"frame_{key}", help=help_text)
    return int(frame)


def _with_window(
    selection: Selection, radiograph: Radiograph, controls: WindowControls, frame: int
) -> Radiograph:
    source = selection.source
    labels = {offer.name: offer.label for offer in controls.offers} | {_OWN: "A window of your own"}
    name = st.selectbox(
        "Window", list(labels), format_func=labels.__getitem__, key=f"window_{source.key}"
    )
    if name == _OWN:
        low, high = controls.value_range
        # Whole values: what lies between two stored ones shows nothing new.
        ends = st.slider(
            "Black and white",
            float(low),
            float(max(high, low + 1)),
            controls.window or (float(low), float(max(high, low + 1))),
            1.0,
            key=f"ends_{source.key}_{frame}",
        )
        if ends[0] >= ends[1]:
            st.caption("Widen the window: black must lie below white.")
            return radiograph
        return rewindowed(radiograph.digest, *ends, radiograph)
    if name == controls.chosen:
        return radiograph
    options = ReadOptions(frame=frame, window=name)
    return radiograph_from(source.key, source.label, source.data, options)
