"""One radiograph under every contrast at every scale: which axis matters, at a glance."""

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from xray_app.cards import ModelCard
from xray_app.core import Radiograph
from xray_app.core.images import Geometry, encode_png, histogram
from xray_app.core.normalization import paired
from xray_app.core.text import UNDEFINED
from xray_app.diagnosis import Comparison, Grid, grid_for
from xray_app.explain import NO_MAP
from xray_app.presentation import (
    comparison_to_csv,
    contact_sheet,
    geometry_sentence,
    grid_sentences,
    outlined,
    sensitivity_sentence,
    spread_sentence,
    tile,
    where_sentence,
)
from xray_app.ui.charts import figures
from xray_app.ui.charts.sensitivity import sweep_chart, sweep_text
from xray_app.ui.session.resources import blanks_of, geometries_of, sensitivity_of
from xray_app.ui.session.slow_explanations import compared
from xray_app.ui.widgets.arriving_grid import ArrivingGrid
from xray_app.ui.widgets.file_controls import selected_radiograph
from xray_app.ui.widgets.gate_view import show_gate, with_corrections
from xray_app.ui.widgets.geometry_strip import show_geometries
from xray_app.ui.widgets.other_models import offer_other_models
from xray_app.ui.widgets.scheme_grid import show_grid
from xray_app.ui.widgets.sidebar import Selection, current_selection
from xray_app.ui.words import disclaimer, plain


def _page() -> None:
    selection = current_selection()
    st.title("Contrast and scale: which one matters here?")
    disclaimer(selection.card)
    radiograph = with_corrections(selected_radiograph(selection), selection.source.key)
    grid = grid_for(selection.card)
    arriving = ArrivingGrid(selection.card, grid)
    choices = selection.choices
    comparison = compared(selection.card, radiograph, grid.names, choices, arriving)
    arriving.clear()
    result_key = f"{selection.card.name} {radiograph.digest}"
    shown = show_gate(comparison.gate, selection.source.key, result_key)
    offer_other_models(selection.card, radiograph, comparison.gate)
    if not shown:
        return
    labels = {n: plain(selection.card.label(n)) for n in selection.card.class_names}
    sentences = grid_sentences(comparison, grid, labels, blanks_of(selection.card))
    st.markdown("  \n".join(f"**{sentence}**" for sentence in sentences))
    chosen = paired(selection.scheme.contrast.name, selection.scheme.scale.name).name
    opened = show_grid(selection.card, comparison, grid, chosen)
    _show_cell(selection, comparison, opened)
    _show_fits(selection, radiograph, labels)
    _show_sensitivity(selection.card, radiograph, comparison.geometry.geometry)
    _show_table(selection.card, comparison, grid)
    _show_downloads(selection, radiograph, comparison, grid)


def _show_cell(selection: Selection, comparison: Comparison, opened: str) -> None:
    """One cell: its sentence, its heatmap beside the trained one on one scale, its histogram."""
    card, found = selection.card, comparison.passes[opened]
    row = comparison.row(opened)
    st.header(plain(found.scheme.label))
    before, after = (p.prediction for p in (comparison.trained, found))
    st.markdown(
        f"**{plain(found.contract.headline)}.** {plain(found.contract.message)} As trained "
        f"{plain(card.label(before.predicted))} {before.top_probability:.2f}, here "
        f"{plain(card.label(after.predicted))} {after.top_probability:.2f}."
    )
    titles = {comparison.trained_scheme: "As trained"}
    titles.setdefault(opened, opened)
    *places, right = st.columns(len(titles) + 1, gap="medium")
    for place, (scheme, title) in zip(places, titles.items(), strict=True):
        _show_map(place, selection, comparison, scheme, title)
    values = histogram(found.model_input.array, bins=64)
    with right:
        st.markdown("**What the model receives**")
        st.plotly_chart(
            figures.small_histogram(values, height=260),
            config=figures.PLAIN | {"staticPlot": True},
            key="cell_histogram",
            alt=f"Histogram of the model input under {opened}. {spread_sentence((values,))}",
        )
        st.caption(
            f"{row.range[0]:.4g} to {row.range[1]:.4g}; {found.scheme.explanation} "
            f"{plain(found.scheme.source)}"
        )
    _show_scale(selection, comparison)


def _show_map(
    place: DeltaGenerator,
    selection: Selection,
    comparison: Comparison,
    scheme: str,
    title: str,
) -> None:
    saliency, scale = comparison.passes[scheme].saliency, comparison.saliency_scale
    empty = ", empty" if saliency.is_empty else ""
    if saliency.method == NO_MAP:
        empty = ", none was made"
    where = where_sentence(saliency, comparison.lungs.lungs)
    place.markdown(f"**{title}**")
    image = tile(comparison.display, saliency, scale, selection.opacity, selection.colour_map)
    if selection.outlines and comparison.lungs.lungs:
        image = outlined(image, comparison.lungs.lungs)
    place.image(
        image,
        alt=f"Heatmap under {scheme}, peak {saliency.peak:.3g}{empty}. {where}",
        width="stretch",
    )


def _show_scale(selection: Selection, comparison: Comparison) -> None:
    saliency = comparison.trained.saliency
    target = selection.card.target_label(saliency.asked)
    top, unit = comparison.saliency_scale, saliency.unit
    if top > 0.0:
        st.plotly_chart(
            figures.colour_scale(
                selection.colour_map,
                top,
                f"evidence for {target}, {unit}",
                two_sided=saliency.negative is not None,
            ),
            config=figures.PLAIN,
            key="compare_scale",
            alt=f"Colour scale of all heatmaps, up to {top:.3g} {unit}",
        )


def _show_fits(selection: Selection, radiograph: Radiograph, labels: Mapping[str, str]) -> None:
    """The same image under other geometries, at the scheme of training."""
    card = selection.card
    st.header("Same image, another fit")
    found = geometries_of(card, radiograph, selection.choices.quick)
    st.markdown(geometry_sentence(found, labels))
    show_geometries(card, found, selection.opacity, selection.colour_map)
    st.caption(
        f":material/star: as trained, {found.trained.effect.geometry.text}  "
        ":material/change_circle: another class. Fed under the scheme of training; the picture is "
        "what the model receives. A cell opens below."
    )


def _show_sensitivity(card: ModelCard, radiograph: Radiograph, geometry: Geometry) -> None:
    """Curves over the window, or over gamma and clipping, at the model's own scale."""
    st.header("Would another window have changed the answer?")
    found = sensitivity_of(card, radiograph, geometry)
    st.markdown(plain(sensitivity_sentence(card, found)))
    for place, sweep in zip(st.columns(len(found.sweeps), gap="medium"), found.sweeps, strict=True):
        place.plotly_chart(
            sweep_chart(card, sweep),
            config=figures.PLAIN,
            key=f"sweep_{sweep.name}",
            alt=sweep_text(card, sweep),
        )
    st.caption("Fed as trained; shaded: the class stays as it is now.")


def _show_table(card: ModelCard, comparison: Comparison, grid: Grid) -> None:
    with st.expander("Every figure as a table"):
        target = card.label(comparison.trained.prediction.predicted)
        rows = [comparison.row(name) for name in grid.names]
        columns = {
            "Scheme": [row.scheme for row in rows],
            "Verdict": [row.headline for row in rows],
            "Predicted": [card.label(row.predicted) for row in rows],
            "Flips": [row.flips for row in rows],
            "Probability": [row.probability for row in rows],
            "Change": [row.probability_change for row in rows],
            "Logit change": [row.logit_change for row in rows],
            "Rank correlation": [row.rank_correlation for row in rows],
            "SSIM": [row.structural_similarity for row in rows],
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
    selection: Selection, radiograph: Radiograph, comparison: Comparison, grid: Grid
) -> None:
    name = f"schemes-{radiograph.digest[:12]}"

    def png() -> bytes:
        look = selection.opacity, selection.colour_map
        return encode_png(contact_sheet(comparison, *look, grid.names, len(grid.columns)))

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
