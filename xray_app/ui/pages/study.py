"""Does the choice of scheme matter in training? The study's answer and its figures."""

from pathlib import Path
from typing import Any

import streamlit as st

from xray_app.core import InputError, Interval
from xray_app.core.text import interval_text
from xray_app.study import (
    Study,
    conclude,
    list_studies,
    mean_over_seeds,
    read_study,
    regime_note,
    regime_table,
    regime_words,
)
from xray_app.ui.charts.figures import PLAIN
from xray_app.ui.charts.study import matrix
from xray_app.ui.charts.study_curves import curves, ends
from xray_app.ui.session.offers import FOR_SESSION
from xray_app.ui.widgets.choices.box import told_apart
from xray_app.ui.widgets.sidebar import current_selection
from xray_app.ui.words import disclaimer

_METRICS = {
    "auc": "AUC",
    "accuracy": "Accuracy",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "ece": "Calibration error",
}
_CURVES = {
    "validation_loss": "Validation loss",
    "validation_auc": "Validation AUC",
    "loss": "Training loss",
    "gradient_norm": "Gradient at the first layer",
}


def _page() -> None:
    st.title("Does the scheme matter in training?")
    disclaimer(current_selection().card)
    study = _choose_study()
    _show_what_was_measured(study)
    for answer in conclude(study):
        st.markdown(f"**{answer.question}** {answer.text}")
    regimes = [name for name in study.regimes if study.of(name)]
    if regimes:
        _show_regimes(study)
        _show_curves(study, regimes)
        _show_one_regime(study, regimes)
    with st.expander("Settings, and how to repeat it"):
        st.code(study.command, language="sh", wrap_lines=True)
        st.json({"settings": study.settings, "versions": study.versions, "data": study.data})


@st.cache_data(show_spinner=False)
def _read(path: Path, modified: float) -> Study:  # a newer file is another key
    del modified
    return read_study(path)


def _choose_study() -> Study:
    by_name = list_studies()
    name = next(iter(by_name))
    if len(by_name) > 1:
        name = st.selectbox(
            "Study",
            list(by_name),
            format_func=told_apart(list(by_name), lambda name: _title(by_name[name])),
            key="study",
            persist_state=FOR_SESSION,
        )
    return _read(by_name[name], by_name[name].stat().st_mtime)


def _title(path: Path) -> str:
    try:
        return _read(path, path.stat().st_mtime).title
    except InputError:  # said once it is chosen; the others stay readable
        return path.parent.name


def _choose(label: str, options: dict[str, str], key: str) -> str:
    """One of the options, the first by default; their values are what a person reads."""
    return st.segmented_control(
        label,
        list(options),
        default=next(iter(options)),
        format_func=options.__getitem__,
        key=key,
        required=True,
        persist_state=FOR_SESSION,
    )


def _show_what_was_measured(study: Study) -> None:
    unfinished = "" if study.is_complete else f"; unfinished, {len(study.runs)} runs so far"
    own = ", which scales bytes by itself," if study.rescales else ""
    machine = f"trained on {study.machine}, " if study.machine else ""
    seeds = "1 seed" if len(study.seeds) == 1 else f"up to {len(study.seeds)} seeds"
    st.caption(
        f"Measured with {study.architecture} ({study.parameters:,} parameters){own} at "
        f"{study.size} × {study.size} pixels, {len(study.schemes)} schemes, {seeds}, on "
        f"{study.data.get('name', 'the data below')}, {machine}{study.date}{unfinished}. "
        "It is not the bundled model, and its figures are not the bundled model's."
    )


def _show_matrix(study: Study, regime: str) -> None:
    st.subheader("Trained with one scheme, fed another")
    metric = _choose("Figure", _METRICS, "metric")
    st.plotly_chart(
        matrix(study, regime, metric),
        config=PLAIN,
        key="metric_chart",
        alt=f"{_METRICS[metric]} by training scheme and inference scheme; the table below it has "
        "every figure",
    )
    st.caption(
        "Mean over the seeds, on the test images. A row was trained with the scheme before it; the "
        "diagonal is fed what it was trained with."
    )
    _show_all_figures(study, regime, metric)


def _show_regimes(study: Study) -> None:
    header, *rows = regime_table(study)
    if rows:
        st.header("The regimes side by side")
        columns = {
            f"{name[0].upper()}{name[1:]}": [row[i] for row in rows]
            for i, name in enumerate(header)
        }
        st.table(columns, border="horizontal", hide_index=True)


def _show_curves(study: Study, regimes: list[str]) -> None:
    st.header("On the way there")
    curve = _choose("Curve", _CURVES, "curve")
    for first in range(0, len(regimes), 2):
        for column, regime in zip(st.columns(2), regimes[first : first + 2], strict=False):
            title = regime_words(regime).title
            column.markdown(f"**{title}**")
            column.plotly_chart(
                curves(study, regime, curve),
                config=PLAIN,
                key=f"curve_chart_{regime}",
                alt=f"{title}, {_CURVES[curve]} by epoch, first to last: "
                f"{ends(study, regime, curve)}",
            )
    st.caption(
        "One vertical scale for all regimes. Lines are means over the seeds; bands reach from "
        "the lowest seed to the highest."
    )


def _show_one_regime(study: Study, regimes: list[str]) -> None:
    st.header("One regime in full")
    regime = _choose("Regime", {name: regime_words(name).title for name in regimes}, "regime")
    st.caption(regime_note(study, regime))
    _show_matrix(study, regime)
    _show_table(study, regime)


def _show_all_figures(study: Study, regime: str, metric: str) -> None:
    """The matrix as a table: every figure of it, also for who can't see colours."""
    with st.expander("Every figure as a table"):
        rows = study.matrix(regime, metric)
        columns = {"Trained with": list(study.schemes)} | {
            f"fed {scheme}": ["" if row[i] is None else f"{row[i]:.3f}" for row in rows]
            for i, scheme in enumerate(study.schemes)
        }
        st.table(columns, border="horizontal", hide_index=True)


def _show_table(study: Study, regime: str) -> None:
    st.subheader("Fed what it was trained with")
    rows: dict[str, list[Any]] = {"Scheme": []} | {label: [] for label in _METRICS.values()}
    for scheme in study.schemes:
        runs = study.of(regime, scheme)
        if not runs:
            continue
        rows["Scheme"].append(f"{scheme}{' (diverged)' if any(r.diverged for r in runs) else ''}")
        for metric, label in _METRICS.items():
            rows[label].append(_shown(mean_over_seeds(runs, metric), metric))
    st.table(rows, border="horizontal", hide_index=True)
    st.caption(
        "Mean over the seeds, with the mean ends of their 95 % bootstrap intervals; the "
        "calibration error has none, since resamples lift it."
    )


def _shown(interval: Interval, metric: str) -> str:
    if metric == "ece":  # the percentiles of its resamples lie too high
        return f"{interval.value:.3f}"
    return interval_text(interval)


_page()
