"""One radiograph through every scheme: what changes, at a glance and in figures."""

from typing import Literal

import streamlit as st

from xray_app.cards import ModelCard
from xray_app.core import Radiograph, Verdict
from xray_app.core.images import encode_png, histogram
from xray_app.core.normalization import PRESETS
from xray_app.core.text import UNDEFINED
from xray_app.diagnosis import Comparison, ComparisonRow
from xray_app.presentation import (
    comparison_to_csv,
    conclude,
    contact_sheet,
    spread_sentence,
    tile,
    where_sentence,
)
from xray_app.ui.charts import figures
from xray_app.ui.session.slow_explanations import compared
from xray_app.ui.widgets.file_controls import selected_radiograph
from xray_app.ui.widgets.gate_view import show_gate, with_corrections
from xray_app.ui.widgets.sidebar import Selection, current_selection
from xray_app.ui.words import disclaimer, plain

_COLUMNS = 4
_ABSOLUTE, _OWN = "One scale for all", "Each its own"
Colour = Literal["green", "orange", "red"]
_BADGES: dict[Verdict, tuple[str, str, Colour]] = {
    "matches": ("Fits training", ":material/check_circle:", "green"),
    "contrast": ("Contrast changed", ":material/contrast:", "orange"),
    "mismatch": ("Mismatch", ":material/dangerous:", "red"),
}


def _page() -> None:
    selection = current_selection()
    st.title("One radiograph under every scheme")
    disclaimer(selection.card)
    radiograph = with_corrections(selected_radiograph(selection), selection.source.key)
    conclusion = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        schemes = st.multiselect(
            "Schemes",
            list(PRESETS),
            default=list(PRESETS),
            accept_new_options=True,
            key="schemes",
            help="Any pair can be typed as contrast+scale, such as clahe+byte.",
        )
        scale = st.segmented_control(
            "Heatmap scale", (_ABSOLUTE, _OWN), default=_ABSOLUTE, key="heat_scale", required=True
        )
    with conclusion:
        comparison = compared(selection.card, radiograph, tuple(schemes), selection.choices)
        result_key = f"{selection.card.name} {radiograph.digest}"
        if not show_gate(comparison.gate, selection.source.key, result_key):
            return
    labels = {n: plain(selection.card.label(n)) for n in selection.card.class_names}
    conclusion.markdown(f"**{conclude(comparison, labels)}**")
    scales = {
        name: p.saliency.peak if scale == _OWN else comparison.saliency_scale
        for name, p in comparison.passes.items()
    }
    _show_grid(selection, comparison, scales)
    _show_table(selection.card, comparison)
    _show_downloads(selection, radiograph, comparison, scales)


def _show_grid(selection: Selection, comparison: Comparison, scales: dict[str, float]) -> None:
    target = selection.card.label(comparison.trained.saliency.target)
    for start in range(0, len(comparison.rows), _COLUMNS):
        rows = comparison.rows[start : start + _COLUMNS]
        columns = st.columns(_COLUMNS, gap="medium")
        for column, row in zip(columns, rows, strict=False):
            with column, st.container(border=True):
                _show_scheme(selection, comparison, row, scales[row.scheme])
    top = comparison.saliency_scale
    if set(scales.values()) == {top} and top > 0.0:
        unit = comparison.trained.saliency.unit
        st.plotly_chart(
            figures.colour_scale(selection.colour_map, top, f"evidence for {target}, {unit}"),
            config=figures.PLAIN,
            key="compare_scale",
            alt=f"Colour scale of all heatmaps, 0 to {top:.3g} {unit}",
        )
    else:
        st.caption(f"Evidence for {plain(target)}; each map is stretched to its own peak.")


def _show_scheme(
    selection: Selection, comparison: Comparison, row: ComparisonRow, scale: float
) -> None:
    shown = comparison.passes[row.scheme]
    trained = ", as trained" if row.scheme == comparison.trained_scheme else ""
    word, icon, colour = _BADGES[row.verdict]
    st.markdown(f"**{row.scheme}**{trained}")
    st.badge(word, icon=icon, color=colour, help=plain(shown.contract.message))
    empty = ", empty" if shown.saliency.is_empty else ""
    where = where_sentence(shown.saliency)
    values = histogram(shown.model_input.array, bins=64)
    st.image(
        tile(comparison.display, shown.saliency, scale, selection.opacity, selection.colour_map),
        alt=f"Heatmap under {row.scheme}, peak {shown.saliency.peak:.3g}{empty}. {where}",
        width="stretch",
    )
    label = plain(selection.card.label(row.predicted))
    headline = f"{label} {shown.prediction.top_probability:.2f}"
    flip = " :material/swap_horiz: flips" if row.flips else ""
    st.markdown(f"~~{headline}~~{flip}" if row.verdict == "mismatch" else f"{headline}{flip}")
    st.plotly_chart(
        figures.small_histogram(values),
        config=figures.PLAIN | {"staticPlot": True},
        key=f"small_histogram_{row.scheme}",
        alt=f"Histogram of the model input under {row.scheme}. {spread_sentence((values,))}",
    )
    st.caption(f"{row.headline}; input {row.range[0]:.4g} to {row.range[1]:.4g}{empty}")


def _show_table(card: ModelCard, comparison: Comparison) -> None:
    st.header("In figures")
    target = card.label(comparison.trained.prediction.predicted)
    columns = {
        "Scheme": [row.scheme for row in comparison.rows],
        "Verdict": [row.headline for row in comparison.rows],
        "Predicted": [card.label(row.predicted) for row in comparison.rows],
        "Flips": [row.flips for row in comparison.rows],
        "Probability": [row.probability for row in comparison.rows],
        "Change": [row.probability_change for row in comparison.rows],
        "Logit change": [row.logit_change for row in comparison.rows],
        "Rank correlation": [row.rank_correlation for row in comparison.rows],
        "SSIM": [row.structural_similarity for row in comparison.rows],
    }
    number = st.column_config.NumberColumn
    st.dataframe(
        columns,
        height="content",
        hide_index=True,
        placeholder=UNDEFINED,
        column_config={
            "Probability": number(format="%.3f", help=f"Of {target}, the class as trained"),
            "Change": number(format="%+.3f", help="Of that probability, against as trained"),
            "Logit change": number(format="%+.2f"),
            "Rank correlation": number(
                format="%.2f", help="Spearman's, of the heatmap's cells with those as trained"
            ),
            "SSIM": number(
                format="%.2f", help="Structural similarity of the heatmaps on one scale"
            ),
        },
        alt="Figures of every scheme; the same are in the CSV download",
    )


def _show_downloads(
    selection: Selection, radiograph: Radiograph, comparison: Comparison, scales: dict[str, float]
) -> None:
    name = f"schemes-{radiograph.digest[:12]}"

    def png() -> bytes:
        return encode_png(
            contact_sheet(comparison, scales, selection.opacity, selection.colour_map)
        )

    with st.container(horizontal=True):
        st.download_button(
            "Table, CSV", lambda: comparison_to_csv(comparison), f"{name}.csv", "text/csv",
            on_click="ignore", icon=":material/table:",
        )  # fmt: skip
        st.download_button(
            "Heatmaps, PNG", png, f"{name}.png", "image/png",
            on_click="ignore", icon=":material/image:",
        )  # fmt: skip


_page()
