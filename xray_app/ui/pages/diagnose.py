"""One radiograph, one model, one scheme: verdict, prediction, heatmap, histograms."""

from typing import Any

import streamlit as st

from xray_app.core import ContractReport, Radiograph
from xray_app.core.text import ends_text
from xray_app.diagnosis import Diagnosis
from xray_app.gate import OUTSIDE, is_outside
from xray_app.presentation import (
    CAVEAT,
    FITTING,
    certainty,
    contract_figures,
    is_meaningful,
    lungs_note,
    map_worth_of,
    placement_of,
    spread_sentence,
)
from xray_app.readers import ReadOptions
from xray_app.ui.charts import figures
from xray_app.ui.guide import offer_tour
from xray_app.ui.session.offers import FOR_SESSION
from xray_app.ui.session.resources import diagnosis_of, model_key, radiograph_from
from xray_app.ui.session.slow_explanations import with_chosen_map
from xray_app.ui.viewer.panes import (
    caption_of,
    first_sight,
    show_heatmap,
    show_other,
    show_radiograph,
)
from xray_app.ui.widgets.choices.box import told_apart
from xray_app.ui.widgets.choices.source import Source, sources_beside
from xray_app.ui.widgets.downloads import show_downloads
from xray_app.ui.widgets.explanation_choice import checked, habits
from xray_app.ui.widgets.file_controls import selected_radiograph, show_notices
from xray_app.ui.widgets.gate_view import show_gate, with_corrections
from xray_app.ui.widgets.other_models import offer_other_models
from xray_app.ui.widgets.sidebar import Selection, current_selection
from xray_app.ui.widgets.stability_strip import show_stability
from xray_app.ui.words import disclaimer, plain, show_verdict

_HEATMAP = "heatmap"


def _page() -> None:
    selection = current_selection()
    _show_title(selection)
    verdict = st.container()
    images = st.container()
    source = selection.source
    with verdict:
        radiograph = selected_radiograph(selection)
        radiograph = with_corrections(radiograph, source.key)
        show_notices(radiograph, source.key)
    with images:
        beside = _choose_beside(source)
    left, right = images.columns(2, gap="medium")
    picture, below = left.container(), left.container()
    with picture:
        early = first_sight(radiograph, source)
    if not selection.outlines:
        with below:
            caption_of(source, radiograph)
    with verdict:
        diagnosis = diagnosis_of(selection.card, radiograph, selection.choices.quick)
        result_key = f"{selection.card.name} {radiograph.digest}"
        shown = show_gate(diagnosis.gate, source.key, result_key)
        offer_other_models(selection.card, radiograph, diagnosis.gate)
        _show_verdict(selection, diagnosis, shown=shown)
        if shown:
            show_stability(selection.card, radiograph)
    with early or picture:
        pixels = show_radiograph(selection, radiograph, diagnosis)
    if selection.outlines:
        with below:
            caption_of(source, radiograph, diagnosis)
    waits = shown and beside is None and selection.choices.is_slow
    if beside is not None:
        with right:
            show_other(beside, _read_beside(beside))
    elif not shown:
        right.info("The heatmap is hidden with the prediction.", icon=":material/block:")
    elif not waits:
        with right:
            _show_heatmap(selection, radiograph, diagnosis, pixels)
    pixels_key = (*model_key(selection.card), radiograph.digest, diagnosis.scheme)
    _show_pixels(pixels_key, radiograph, diagnosis)
    if waits:  # everything else stands there while this is made
        with right:
            diagnosis = with_chosen_map(selection.card, radiograph, selection.choices, diagnosis)
            _show_heatmap(selection, radiograph, diagnosis, pixels)
    if shown:
        show_downloads(selection, radiograph, diagnosis)


def _show_title(selection: Selection) -> None:
    st.title("Is normalization necessary for this radiograph?")
    with st.container(horizontal=True, vertical_alignment="center"):
        disclaimer(selection.card)
        offer_tour()


def _choose_beside(source: Source) -> Source | None:
    """What stands beside the radiograph; None for its heatmap."""
    others = sources_beside(source)
    if st.session_state.get("beside") not in {_HEATMAP, *others}:
        st.session_state["beside"] = _HEATMAP
    labels = {_HEATMAP: "Its heatmap"} | {key: other.label for key, other in others.items()}
    chosen = st.selectbox(
        "Beside the radiograph",
        list(labels),
        key="beside",
        persist_state=FOR_SESSION,
        format_func=told_apart(list(labels), labels.__getitem__),
        width=320,
        help="A second radiograph, such as an earlier one, is only shown: the model isn't asked.",
    )
    return others.get(chosen)


def _read_beside(source: Source) -> Radiograph:
    return radiograph_from(
        source.key, source.label, source.data, ReadOptions(), is_sample=source.is_sample
    )


def _show_verdict(selection: Selection, diagnosis: Diagnosis, *, shown: bool) -> None:
    card, prediction, contract = selection.card, diagnosis.prediction, diagnosis.contract
    outside, meaningful = is_outside(diagnosis.gate), is_meaningful(diagnosis)
    headline = f"{plain(card.label(prediction.predicted))} {prediction.top_probability:.2f}"
    with st.container(border=True, key="verdict"):
        _show_contract(contract)
        if not shown:
            return
        left, right = st.columns([2, 3], gap="medium", vertical_alignment="center")
        with left:
            if meaningful:
                st.header(headline)
                st.caption(plain(certainty(card, diagnosis)))
            elif outside:
                st.header(f":gray[~~{headline}~~]")
                st.caption(f":material/block: This is {OUTSIDE}.")
            else:
                st.header(f":gray[~~{headline}~~]")
                trained = diagnosis.trained_prediction
                st.markdown(
                    f"Fed as trained (`{diagnosis.trained_scheme}`), the same image gives "
                    f"**{plain(card.label(trained.predicted))} {trained.top_probability:.2f}**."
                )
        labels = [card.label(name) for name in prediction.classes]
        right.plotly_chart(
            figures.probability_bars(prediction, labels, meaningful=meaningful),
            config=figures.PLAIN | {"staticPlot": True},
            key="probabilities",
            alt="Probabilities: "
            + ", ".join(
                f"{name} {value:.2f}"
                for name, value in zip(labels, prediction.probabilities, strict=True)
            ),
        )


def _show_contract(contract: ContractReport) -> None:
    show_verdict(contract)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"At the first convolution: {contract_figures(contract)}.", width="content")
        with st.popover("How it is measured", type="tertiary", icon=":material/help:"):
            st.markdown(
                "What arrives there is compared, pixel by pixel, with what training would have "
                f"sent for this image: received ≈ gain × trained + offset. {FITTING}"
            )


def _show_heatmap(
    selection: Selection, radiograph: Radiograph, diagnosis: Diagnosis, pixels: dict[str, Any]
) -> None:
    saliency, scale = diagnosis.saliency, diagnosis.saliency_scale
    show_heatmap(selection, radiograph, diagnosis, pixels)
    _say_of_the_map(selection, diagnosis)
    if scale > 0.0:
        st.plotly_chart(
            figures.colour_scale(
                selection.colour_map, scale, saliency.unit, two_sided=saliency.negative is not None
            ),
            config=figures.PLAIN,
            key="colour_scale",
            alt=f"Colour scale up to {scale:.3g} {saliency.unit}",
        )


def _say_of_the_map(selection: Selection, diagnosis: Diagnosis) -> None:
    checks = checked(selection.card)
    warning = placement_of(diagnosis, checks, habits(selection.card))
    if warning:
        st.warning(warning, icon=":material/crop_free:")
    said = (lungs_note(diagnosis.saliency, diagnosis.lungs), map_worth_of(diagnosis, checks))
    st.caption(" ".join([*filter(None, said), CAVEAT]))


@st.cache_resource(max_entries=8, scope="session", show_spinner=False)
def _show_pixels(
    pixels_key: tuple[str, ...], _radiograph: Radiograph, _diagnosis: Diagnosis
) -> None:
    """Streamlit draws again what it drew for this key, which is quicker than making the charts."""
    _show_stages(_diagnosis)
    _show_provenance(_radiograph, _diagnosis)


def _show_stages(diagnosis: Diagnosis) -> None:
    st.header("What happens to the pixels")
    titles = {
        "File": "In the file",
        "Model input": f"Model input under {diagnosis.scheme}",
        "First convolution": "At the first convolution",
    }
    columns = st.columns(len(diagnosis.stages), gap="medium")
    for column, stage in zip(columns, diagnosis.stages, strict=True):
        s = stage.statistics
        with column:
            st.markdown(f"**{titles[stage.name]}**")
            st.plotly_chart(
                figures.stage_histogram(stage),
                config=figures.PLAIN,
                key=f"histogram_{stage.name}",
                alt=f"Histogram, {titles[stage.name]}: from {s.min:.4g} to {s.max:.4g}, mean "
                f"{s.mean:.4g}. {spread_sentence(stage.channels, stage.trained)}",
            )
    st.table(
        {
            "Pixels": [stage.name for stage in diagnosis.stages],
            **{
                name: [f"{getattr(stage.statistics, field):.4g}" for stage in diagnosis.stages]
                for name, field in (
                    ("Min", "min"), ("Max", "max"), ("Mean", "mean"), ("Std", "std")
                )
            },
        },
        border="horizontal",
        hide_index=True,
    )  # fmt: skip


def _show_provenance(radiograph: Radiograph, diagnosis: Diagnosis) -> None:
    st.header("Where each pixel value came from")
    rows: dict[str, list[Any]] = {
        "Step": [step.name for step in diagnosis.provenance],
        "What was done": [plain(step.detail) for step in diagnosis.provenance],
        "Before": [ends_text(step.before) for step in diagnosis.provenance],
        "After": [ends_text(step.after) for step in diagnosis.provenance],
    }
    st.table(rows, border="horizontal", hide_index=True)
    if radiograph.technical:
        st.caption(
            "; ".join(f"{name}: {plain(value)}" for name, value in radiograph.technical.items())
        )
    st.caption(
        ":material/shield_person: The file stays in this server's memory and is gone two minutes "
        "after you leave. Text burned into the pixels can't be ruled out: look before you share."
    )


_page()
