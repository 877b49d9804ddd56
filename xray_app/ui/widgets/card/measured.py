"""What was measured of a model on its test images: figures, curves and how sure it may be."""

import streamlit as st

from xray_app.cards import Evaluation, ModelCard, ModelEvaluation
from xray_app.core.text import Rows
from xray_app.evaluation import (
    calibration_sentences,
    confusion_rows,
    figure_rows,
    inside_sentence,
    method_rows,
    predictive_rows,
    set_sentence,
    threshold_sentence,
)
from xray_app.ui.charts import card as card_figures
from xray_app.ui.charts.figures import PLAIN
from xray_app.ui.words import plain


def show_rows(rows: Rows) -> None:
    """A table with a column a key of its rows."""
    columns = {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
    st.table(columns, border="horizontal", hide_index=True)


def show_figures(card: ModelCard, record: ModelEvaluation) -> None:
    """Each figure with its interval, ROC curve, confusion matrix, what an answer is worth."""
    first, inside = record.evaluations[0], inside_sentence(record)
    st.header("How good it is")
    count = sum(first.images.values())
    st.caption(
        f"{count} images of {first.patients} patients in {first.split}/ of {first.data}, for "
        "reporting only: temperatures and threshold come from val/. Positive means any class but "
        f"{plain(card.classes[0].label)}, from a probability of {first.threshold:.2f}. Intervals "
        f"are 95 %, from {first.resamples:,} resamples of patients, or exact where all images "
        "agree."
    )
    show_rows(figure_rows(first, card))
    if inside:
        st.info(plain(inside), icon=":material/public:")
    if card.published:
        with st.expander(f"Published: {plain(card.published.source)}. What differs"):
            st.markdown("\n".join(f"- {plain(d)}" for d in card.published.differences))
    left, right = st.columns(2, gap="medium")
    area = first.figures["auc"].value
    left.markdown("**ROC, positive against negative**")
    left.plotly_chart(
        card_figures.roc_curve(first, card),
        config=PLAIN,
        key="card_roc",
        alt=f"ROC curve with an area of {area:.3f}; the threshold's sensitivity is "
        f"{first.figures['sensitivity'].value:.3f} and its specificity "
        f"{first.figures['specificity'].value:.3f}",
    )
    right.markdown("**Truth against answer, the most probable class**")
    right.plotly_chart(
        card_figures.confusion_matrix(first, card),
        config=PLAIN,
        key="card_confusion",
        alt="Confusion matrix: "
        + "; ".join(", ".join(row.values()) for row in confusion_rows(first, card)),
    )
    _show_predictive_values(first)


def _show_predictive_values(first: Evaluation) -> None:
    st.markdown("**What an answer is worth depends on how many are diseased**")
    show_rows(predictive_rows(first))
    st.caption(
        "By Bayes' rule from sensitivity and specificity; the test images' own prevalence "
        "says nothing about a clinic's."
    )


def show_calibration(card: ModelCard, record: ModelEvaluation) -> None:
    """Reliability before and after calibration, the sets of classes and the threshold."""
    st.header("How sure it may be")
    first = record.evaluations[0]
    reliability = first.reliability
    left, right = st.columns(2, gap="medium")
    left.markdown("**The class shown**")
    left.plotly_chart(
        card_figures.reliability_diagram(
            (("before", reliability["raw"]), ("after", reliability["calibrated"])),
            "probability of the predicted class",
            "fraction that is right",
        ),
        config=PLAIN,
        key="card_reliability",
        alt="Reliability diagram before and after calibration; the text below it has the errors",
    )
    if "positive" in reliability:
        right.markdown("**Positive against negative**")
        right.plotly_chart(
            card_figures.reliability_diagram(
                (("after", reliability["positive"]),),
                "probability of any class but the first",
                "fraction that is positive",
            ),
            config=PLAIN,
            key="card_reliability_positive",
            alt="Reliability diagram of the positive figure; the text below it has the error",
        )
    st.caption(
        "Above the dotted line it happens more often than the model says, below it less often. "
        "The larger a marker, the more images; bars are 95 % intervals."
    )
    st.markdown(calibration_sentences(record))
    show_rows(method_rows(record.calibration))
    sets = set_sentence(first, card)
    if sets:
        st.markdown(sets)
    st.markdown(threshold_sentence(first))
