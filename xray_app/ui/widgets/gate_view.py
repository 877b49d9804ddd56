"""What the gate says on a page: first and loud when it closes, one quiet line when it is open."""

import streamlit as st

from xray_app.core import GateReport, Radiograph
from xray_app.core.images import CORRECTIONS, corrected
from xray_app.gate import OUTSIDE
from xray_app.ui.session.cached_work import once
from xray_app.ui.words import plain

# For this session: the corrections asked for, by source, and what is shown in spite of the gate.
_CORRECTIONS, _SHOWN = "gate_corrections", "gate_shown"


def with_corrections(radiograph: Radiograph, source_key: str) -> Radiograph:
    """The radiograph as the visitor had it turned or inverted, with a way back."""
    names = st.session_state.get(_CORRECTIONS, {}).get(source_key, ())
    if not names:
        return radiograph
    done = ", ".join(CORRECTIONS[name].done.lower() for name in names)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f":material/build: At your request: {done}.", width="content")
        st.button(
            "Undo", key="gate_undo", on_click=_undo, args=(source_key,), type="tertiary",
            icon=":material/undo:",
        )  # fmt: skip
    return once(("corrected", radiograph.digest, names), lambda: _corrected(radiograph, names))


def show_gate(report: GateReport | None, source_key: str, result_key: str, place: str = "") -> bool:
    """Say what the gate says; where it is closed, offer a fix and a way to see the result anyway.

    Args:
        report: what the gate says, or None if the model has none.
        source_key: stands for the file, whose corrections are kept.
        result_key: stands for the image and the model, whose result may be shown anyway.
        place: tells one gate from another on the same page.

    Returns:
        Whether the prediction and the heatmap may be shown.
    """
    if report is None:
        st.caption(":material/help: Nothing checks whether this model knows such images at all.")
        return True
    if report.verdict == "open":
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f":material/info: {plain(report.reason)}", width="content")
            with st.popover("How close it was", type="tertiary", icon=":material/help:"):
                st.markdown(_scores(report))
        return True
    shown = result_key in st.session_state.get(_SHOWN, ())
    st.error(
        f"**{plain(report.reason)}** "
        + (f"What is shown below is {OUTSIDE}." if shown else "No prediction is shown."),
        icon=":material/block:",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if report.fix is not None:
            st.button(
                CORRECTIONS[report.fix].label,
                key=f"gate_fix{place}",
                on_click=_correct,
                args=(source_key, report.fix),
                type="primary",
                icon=":material/build:",
            )
        if not shown:
            st.button(
                "Show anyway",
                key=f"gate_show{place}",
                on_click=_show,
                args=(result_key,),
                icon=":material/visibility:",
            )
        st.caption(_scores(report), width="content")
    return shown


def _scores(report: GateReport) -> str:
    return (
        f"Log-odds of another kind {report.log_odds:.1f}, distance from training images "
        f"{report.distance:.2f} (about 1 for one of them)."
    )


def _corrected(radiograph: Radiograph, names: tuple[str, ...]) -> Radiograph:
    for name in names:
        radiograph = corrected(radiograph, name)
    return radiograph


def _correct(source_key: str, name: str) -> None:
    corrections = st.session_state.setdefault(_CORRECTIONS, {})
    corrections[source_key] = (*corrections.get(source_key, ()), name)


def _undo(source_key: str) -> None:
    st.session_state[_CORRECTIONS].pop(source_key, None)


def _show(result_key: str) -> None:
    st.session_state.setdefault(_SHOWN, set()).add(result_key)
