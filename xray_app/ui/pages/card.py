"""What a model is, what was measured of it, and what it must not be used for."""

from pathlib import Path

import streamlit as st

from xray_app.cards import (
    ARTEFACTS_FILE,
    COVERED_PERCENT,
    EVALUATION_FILE,
    FAITHFULNESS_FILE,
    Evaluation,
    ModelCard,
    ModelEvaluation,
    artefacts_of,
    read_evaluation,
    read_faithfulness,
)
from xray_app.core.text import percent_text
from xray_app.engines import verified_gate
from xray_app.evaluation import (
    condition_rows,
    repetition_rows,
    repetition_sets,
    stability_rows,
)
from xray_app.evaluation.artefacts import artefact_rows
from xray_app.evaluation.faithfulness import blob_sentence, faithfulness_rows
from xray_app.evaluation.gate import gate_rows, left_out_sentence
from xray_app.pipeline import card_contract
from xray_app.ui.widgets.card.measured import show_calibration, show_figures, show_rows
from xray_app.ui.widgets.contracts.declared import show_code
from xray_app.ui.widgets.sidebar import current_selection
from xray_app.ui.words import disclaimer, plain


def _page() -> None:
    card = current_selection().card
    st.title("What is known of this model")
    disclaimer(card)
    record = _record(card.folder / EVALUATION_FILE)
    st.header(plain(card.title))
    _show_use(card)
    if card.brought is not None:
        st.info(
            "Your own model: what its file tells is on the page Inside the model.",
            icon=":material/layers:",
        )
        _show_origin(card)
        return
    if record is None:
        st.info(
            "Nothing has been measured of this model yet: run "
            f"`python -m xray_app measure DATA --model {card.name}`.",
            icon=":material/straighten:",
        )
    else:
        _warn_if_outdated(card, record.evaluations[0])
        show_figures(card, record)
        show_calibration(card, record)
        _show_failures(card, record)
        _show_repeatability(record)
        _show_stability(record)
    _show_gate(card)
    _show_faithfulness(card.folder / FAITHFULNESS_FILE)
    _show_artefacts(card)
    st.header("The lines that feed it")
    show_code(card_contract(card), "card_code")
    _show_origin(card)
    if record is not None:
        st.caption("All other figures on this page come from one command:")
        st.code(record.command, language="sh", wrap_lines=True)


def _record(path: Path) -> ModelEvaluation | None:
    return _read(path, path.stat().st_mtime) if path.is_file() else None


@st.cache_data(show_spinner=False)
def _read(path: Path, modified: float) -> ModelEvaluation | None:  # a newer file is another key
    del modified
    return read_evaluation(path)


def _warn_if_outdated(card: ModelCard, first: Evaluation) -> None:
    threshold = card.threshold.value if card.threshold else first.threshold
    if first.weights_sha256 != card.weights.sha256 or first.threshold != threshold:
        st.warning(
            "The weights or the threshold have changed since these figures were measured: run "
            f"`python -m xray_app measure DATA --model {card.name}` again.",
            icon=":material/history:",
        )


def _show_use(card: ModelCard) -> None:
    st.markdown(
        "**Meant for** research and teaching: to see what normalization does to a network's "
        "answer. **It is not a medical device** and must not be used to decide about a person's "
        "health."
    )
    for limitation in card.limitations:
        st.markdown(f"- {plain(limitation)}")


def _show_failures(card: ModelCard, record: ModelEvaluation) -> None:
    st.header("Where it fails")
    st.caption(
        f"The same test images, given otherwise than in training (`{card.contract.scheme}`), and "
        "people whom it was not trained on."
    )
    show_rows(condition_rows(record))
    for other in record.other_populations:
        st.warning(
            f"Of {other.images} radiographs of other people, labelled as without a finding "
            f"({other.data}), "
            f"{percent_text(other.called_positive)} are called positive.",
            icon=":material/group_off:",
        )


def _show_gate(card: ModelCard) -> None:
    gate = verified_gate(card)
    if gate is None:
        return
    st.header("Does it notice images that it can't know?")
    show_rows(gate_rows(gate))
    st.caption(
        "Before a prediction is shown, a gate asks whether the image is an upright frontal chest "
        f"radiograph of those whom the model knows: {plain(card.training_data.population)}. "
        "Bootstrap intervals over whole patients or sources. Those come from one hospital, so what "
        "counts is how many of the other population open the gate who come from a place that it "
        f"never saw: {left_out_sentence(gate)} Fitted and measured by `{gate.command}`."
    )


def _show_repeatability(record: ModelEvaluation) -> None:
    st.header("Does the same image get the same answer?")
    show_rows(repetition_rows(record))
    st.caption(
        f"{repetition_sets(record)}. Moves are in pixels of the model's own size. Intervals "
        "are exact (Clopper and Pearson). Files that are JPEG of the same quality already hardly "
        "change when they are stored so again."
    )


def _show_stability(record: ModelEvaluation) -> None:
    if not record.class_stability:
        return
    st.header("Does a change that means nothing give another class?")
    show_rows(stability_rows(record))
    st.caption(
        "Every test image, moved by a pixel, stored as JPEG, turned or resized a little. 95 % "
        "intervals over patients. Diagnose does the same for the image at hand, on request."
    )


def _show_faithfulness(path: Path) -> None:
    record = read_faithfulness(path)
    if record is None:
        return
    st.header("Do the heatmaps show what the model uses?")
    st.markdown(blob_sentence(record))
    show_rows(faithfulness_rows(record))
    st.caption(
        f"On {record['images']} test images: the places that a map ranks highest are blurred first "
        "(deletion), or restored first in a blurred image (insertion). The figures say how much "
        "sooner the class's probability falls or rises than with a random map; 95 % bootstrap "
        "intervals over patients. 'Lost when covered' is the probability lost when a map's top "
        f"{COVERED_PERCENT} % is covered; a map tells something of its image if that is more than "
        f"the mean map's. Made by `{record['command']}`."
    )


def _show_artefacts(card: ModelCard) -> None:
    record = artefacts_of(card)
    if record is None:
        if (card.folder / ARTEFACTS_FILE).is_file():
            st.caption("The record of artefacts is of other weights, and is not shown.")
        return
    st.header("Artefact or evidence?")
    show_rows(artefact_rows(record))
    st.caption(
        "Whether the maps show the image or a habit of the network: a place that stands out on "
        "mirrored and blank images, too, is none of the image's. Intervals are 95 %, resampled by "
        f"patient. Made by `{record.command}`; docs/register.md tells how such an artefact looks."
    )


def _show_origin(card: ModelCard) -> None:
    data = card.training_data
    st.header("Where it comes from")
    rows = {
        "Data": data.name,
        "Source": data.source,
        "Licence of the data": data.licence,
        "Ages and views": data.population,
        "Training images": f"{data.images:,}" if data.images else "not known",
        "Architecture": f"{card.architecture}, {card.input.width} × {card.input.height} pixels",
        "Fitted into them": f"{card.input.geometry.text}",
        "Training": data.recipe,
        "Made with": ", ".join(f"{name} {version}" for name, version in card.versions.items()),
    }
    st.table(
        {"What": list(rows), "Which": [plain(value) for value in rows.values()]},
        border="horizontal",
        hide_index=True,
    )


_page()
