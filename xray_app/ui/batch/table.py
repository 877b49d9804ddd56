"""The rows of a batch as a table to look through: filters, columns, and what is not sure."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from xray_app.batch import Row
from xray_app.cards import ModelCard
from xray_app.ui.batch.records import Entry
from xray_app.ui.session.offers import FOR_SESSION
from xray_app.ui.widgets.choices.box import told_apart

_SHOWN: Mapping[str, str] = {
    "all": "All",
    "open": "Gate open",
    "closed": "Gate closed",
    "error": "Errors",
}
_VERDICTS: Mapping[str | None, str] = {
    "matches": "Fits training",
    "contrast": "Contrast changed",
    "mismatch": "Mismatch",
}
_GATE: Mapping[str | None, str] = {"open": "Open", "closed": "Closed"}
_HIDDEN = "Not shown: gate closed"


def count_sentence(rows: Sequence[Row], card: ModelCard) -> str:
    """How many there are, and of how many nothing must be believed."""
    errors = sum(row.error is not None for row in rows)
    closed = sum(row.gate_verdict == "closed" for row in rows)
    mismatch = sum(row.contract_verdict == "mismatch" for row in rows)
    images = "1 image" if len(rows) == 1 else f"{len(rows):,} images"
    gate = f"{closed:,} stopped by the gate"
    if card.gate is None:
        gate = "no gate checks whether this model knows such images"
    sentence = f"{images}: {gate}, {errors:,} with an error."
    if mismatch:
        sentence += f" Of {mismatch:,} the prediction can't be relied on: the scheme does not fit."
    return sentence


def is_meaningful(row: Row) -> bool:
    """Whether the prediction may be shown as one."""
    return row.gate_verdict != "closed" and row.contract_verdict != "mismatch"


def choose_entries(
    entries: Sequence[Entry], card: ModelCard, job_key: str
) -> tuple[list[Entry], bool]:
    """Draw the filters, which last as long as the job of this key.

    Returns:
        The entries that pass them, and whether predictions behind a closed gate are to be shown.
    """
    rows = [entry.row for entry in entries]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        counts = {name: sum(_passes(row, name) for row in rows) for name in _SHOWN}
        shown = st.segmented_control(
            "Show",
            [name for name in _SHOWN if counts[name]],
            default="all",
            required=True,
            format_func=lambda name: f"{_SHOWN[name]} ({counts[name]:,})",
            key=f"batch_shown_{job_key}",
            persist_state=FOR_SESSION,
        )
        present = {row.contract_verdict for row in rows}
        verdicts = st.multiselect(
            "Verdict",
            [verdict for verdict in _VERDICTS if verdict in present],
            format_func=lambda verdict: _VERDICTS[verdict],
            placeholder="Any",
            key=f"batch_verdicts_{job_key}",
            persist_state=FOR_SESSION,
            wrap=True,  # in a row Streamlit would cut what was chosen
        )
        classes = st.multiselect(
            "Predicted class",
            card.class_names,
            format_func=told_apart(card.class_names, card.label),
            placeholder="Any",
            key=f"batch_classes_{job_key}",
            persist_state=FOR_SESSION,
            wrap=True,
        )
    anyway = any(row.gate_verdict == "closed" for row in rows) and st.toggle(
        "Show predictions behind a closed gate anyway",
        key=f"batch_anyway_{job_key}",
        persist_state=FOR_SESSION,
    )
    return [
        entry
        for entry in entries
        if _passes(entry.row, shown or "all")
        and (not verdicts or entry.row.contract_verdict in verdicts)
        and (not classes or (_is_shown(entry.row, anyway) and entry.row.predicted in classes))
    ], anyway


def show_table(
    entries: Sequence[Entry], card: ModelCard, trained: bool, anyway: bool, key: str
) -> Entry | None:
    """Draw the table; return the entry that is selected in it.

    Args:
        entries: what to show.
        card: of the model.
        trained: whether the scheme is the one in training; else that one's answer stands beside.
        anyway: whether predictions behind a closed gate are shown.
        key: another one forgets the selection.
    """
    rows = [entry.row for entry in entries]
    columns: dict[str, list[Any]] = {
        "Image": [entry.thumbnail or None for entry in entries],
        "Predicted": [predicted_text(row, card, anyway) for row in rows],
    }
    for place, name in enumerate(card.class_names):
        probabilities = [_probability(row, place, anyway) for row in rows]
        if any(value is not None for value in probabilities):
            columns[_key(name)] = probabilities
    if not trained:
        columns["Fed as trained"] = [_trained_text(row, card, anyway) for row in rows]
    columns |= {
        "Gate": [_GATE.get(row.gate_verdict, "") for row in rows],
        "Verdict": [_VERDICTS.get(row.contract_verdict, "") for row in rows],
        "File": [
            row.name + (f", frame {row.frame}" if (row.frames or 1) > 1 else "") for row in rows
        ],
        "Error": [row.error or "" for row in rows],
    }
    if all(row.error is None for row in rows):
        del columns["Error"]
    event = st.dataframe(
        columns,
        column_config=_column_config(card),
        hide_index=True,
        row_height=56,
        height=min(600, 56 * len(rows) + 40),
        on_select="rerun",
        selection_mode="single-row",
        key=key,
        alt="Scored radiographs",
    )
    selected = [place for place in event["selection"]["rows"] if place < len(entries)]
    return entries[selected[0]] if selected else None


def _key(class_name: str) -> str:
    """The column of a class: a label may be that of another class or column."""
    return f"probability_{class_name}"


def predicted_text(row: Row, card: ModelCard, anyway: bool) -> str:
    """The predicted class, marked where it says nothing: first, so that a narrow cell shows it."""
    if row.predicted is None:
        return "No result"
    if not _is_shown(row, anyway):
        return _HIDDEN
    label = card.label(row.predicted)
    if row.gate_verdict == "closed":
        return f"Gate closed ({label}?)"
    if row.contract_verdict == "mismatch":
        return f"Says nothing ({label}?)"
    return label


def _column_config(card: ModelCard) -> dict[str, Any]:
    label = told_apart(card.class_names, card.label)
    bars = {
        _key(name): st.column_config.ProgressColumn(
            label(name),
            min_value=0.0,
            max_value=1.0,
            format="%.2f",
            width=125,
            help="Probability under the scheme, calibrated if the model's card is; empty where the "
            "prediction can't be relied on.",
        )
        for name in card.class_names
    }
    return bars | {
        "Image": st.column_config.ImageColumn(width="small"),
        "Predicted": st.column_config.TextColumn(width=200),
        "Gate": st.column_config.TextColumn(width="small", help="Does the model know such images?"),
        "Error": st.column_config.TextColumn(width="large"),
    }


def _passes(row: Row, shown: str) -> bool:
    if shown == "error":
        return row.error is not None
    return shown in ("all", row.gate_verdict)


def _is_shown(row: Row, anyway: bool) -> bool:
    return anyway or row.gate_verdict != "closed"


def _probability(row: Row, place: int, anyway: bool) -> float | None:
    marked = not is_meaningful(row) and not (anyway and row.contract_verdict != "mismatch")
    return None if row.probabilities is None or marked else row.probabilities[place]


def _trained_text(row: Row, card: ModelCard, anyway: bool) -> str:
    if row.trained_predicted is None:
        return ""
    return card.label(row.trained_predicted) if _is_shown(row, anyway) else _HIDDEN
