"""The pictures on the page Diagnose: the radiograph, and what stands beside it."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from xray_app.core import InputError, Radiograph, WindowControls
from xray_app.diagnosis import Diagnosis
from xray_app.presentation import heat_caption, where_sentence
from xray_app.ui.session.resources import is_viewed, jpeg_of, viewed_of
from xray_app.ui.viewer.component import media, mount
from xray_app.ui.viewer.description import heat_for, lung_lines, pixels_for, region_for
from xray_app.ui.widgets.choices.source import Source
from xray_app.ui.widgets.file_controls import use_window
from xray_app.ui.widgets.sidebar import Selection
from xray_app.ui.words import plain

_RADIOGRAPH, _HEATMAP, _OTHER = "radiograph", "heatmap", "other"
_REFUSED = "window_refused"  # why the model does not get the window that was asked for


def first_sight(radiograph: Radiograph, source: Source) -> DeltaGenerator | None:
    """Show the bare picture at once where packing all pixels takes time; the viewer follows."""
    if is_viewed(radiograph):
        return None
    return st.image(jpeg_of(radiograph), alt=f"Radiograph {source.label}", width="stretch")


def show_radiograph(
    selection: Selection, radiograph: Radiograph, diagnosis: Diagnosis
) -> dict[str, Any]:
    """The viewer of the radiograph, with the lungs if they are asked for.

    Returns:
        What its heatmap's viewer shows of it as well.
    """
    source = selection.source
    lines = lung_lines(diagnosis) if selection.outlines else []
    alt = f"Radiograph {source.label}{', the lungs outlined' if lines else ''}"
    shared = _shared(_RADIOGRAPH, source, radiograph) | {"lines": lines}
    data = _data(_RADIOGRAPH, alt, shared)
    # Not the source: a callback that held its bytes would hold them for the whole visit.
    key, controls = source.key, radiograph.controls

    def on_window() -> None:
        asked = st.session_state[_key(_RADIOGRAPH)].get("window")
        if asked and controls is not None:
            _use(key, controls, asked)

    mount(data, _key(_RADIOGRAPH), on_window)
    if error := st.session_state.pop(_REFUSED, None):
        st.error(plain(error), icon=":material/error:")
    return shared


def _use(key: str, controls: WindowControls, asked: dict[str, Any]) -> None:
    """Use the window, or keep why not until the picture is drawn: a callback has no page."""
    try:
        use_window(key, controls, asked)
    except InputError as error:
        st.session_state[_REFUSED] = str(error)


def caption_of(source: Source, radiograph: Radiograph, diagnosis: Diagnosis | None = None) -> None:
    """Name, size and depth, and why no lungs are drawn where that was asked."""
    height, width = radiograph.pixels.shape
    doubt = "" if diagnosis is None else diagnosis.lungs.doubt
    note = f". {doubt}" if doubt else ""
    name = plain(source.label)
    st.caption(f"{name}, {width} × {height} pixels, {radiograph.bits} bit{note}")


def show_heatmap(
    selection: Selection, radiograph: Radiograph, diagnosis: Diagnosis, shared: dict[str, Any]
) -> None:
    """The viewer of the heatmap over the same radiograph, linked to it.

    ``shared`` is what ``show_radiograph`` returned.
    """
    caption = heat_caption(selection.card, diagnosis)
    where = where_sentence(diagnosis.saliency, diagnosis.lungs.lungs)
    alt = f"Heatmap over the radiograph. {caption}. {where}"
    shape = radiograph.pixels.shape[0], radiograph.pixels.shape[1]
    data = _data(_HEATMAP, alt, shared)
    data |= region_for(diagnosis)
    data["heat"] = heat_for(diagnosis, shape, selection.opacity, selection.colour_map)
    mount(data, _key(_HEATMAP), _nothing)
    st.caption(plain(caption))


def show_other(source: Source, radiograph: Radiograph) -> None:
    """The viewer of a second radiograph, to compare the first with; the model is not asked."""
    alt = f"Radiograph {source.label}, beside the first"
    mount(_data(_OTHER, alt, _shared(_OTHER, source, radiograph)), _key(_OTHER), _nothing)
    caption_of(source, radiograph)
    for notice in radiograph.notices:
        st.caption(plain(notice))


def _shared(kind: str, source: Source, radiograph: Radiograph) -> dict[str, Any]:
    """The pixels and the picture to begin with."""
    frame = radiograph.controls.frame if radiograph.controls else radiograph.digest
    pixels = pixels_for(radiograph, viewed_of(radiograph), f"{source.key} {frame}", kind)
    return {
        "pixels": pixels,
        "picture": media(jpeg_of(radiograph), "image/jpeg", f"{kind} picture"),
        "lines": [],
    }


def _data(kind: str, alt: str, shared: dict[str, Any]) -> dict[str, Any]:
    labels = {_RADIOGRAPH: "Radiograph", _HEATMAP: "Heatmap", _OTHER: "Second radiograph"}
    empty: dict[str, Any] = {"heat": None, "region": [], "share": ""}
    said = {"kind": kind, "label": f"{labels[kind]}, to be zoomed and windowed", "alt": alt}
    return said | shared | empty


def _key(kind: str) -> str:
    return f"viewer_{kind}"


def _nothing() -> None:
    pass
