"""ROC, confusion matrix and figures of a batch, where the visitor brings labels."""

import hashlib

import streamlit as st

from xray_app.batch import LabelledFigures, label_figures, read_labels
from xray_app.cards import ModelCard
from xray_app.core import InputError
from xray_app.evaluation import confusion_rows, figure_rows
from xray_app.ui.batch.jobs import Job
from xray_app.ui.charts import card as card_figures
from xray_app.ui.charts.figures import PLAIN
from xray_app.ui.session.cached_work import once
from xray_app.ui.widgets.choices.lasting_upload import lasting_upload
from xray_app.ui.words import plain


def labels_key(job: Job) -> str:
    """Of the uploader of its labels."""
    return f"batch_labels_{job.key}"


def show_labels(job: Job) -> None:
    """A place for labels, and what they say."""
    st.header("Do you know the truth?")
    card = job.card
    names = ", ".join(plain((c.folders or (c.label,))[0]) for c in card.classes)
    upload = lasting_upload(
        st.container(),
        f"Labels, CSV with the columns `name` and `label`; a label is one of {names}",
        labels_key(job),
        ["csv"],
    )
    if upload is None:
        return
    data = upload.getvalue()
    try:
        key = ("labels", job.key, job.view().progress.done, hashlib.sha256(data).hexdigest())
        figures = once(key, lambda: _figures(job, data))
    except InputError as error:
        st.error(plain(error), icon=":material/error:")
        return
    _show(figures, card.model_copy(update={"published": None}), job.order.scheme)


def _figures(job: Job, data: bytes) -> LabelledFigures:
    rows = [entry.row for entry in job.view().entries]
    return label_figures(rows, read_labels(data, job.card), job.card)


def caveat(found: LabelledFigures, card: ModelCard, scheme: str) -> str:
    """What the figures are of, and what they are not."""
    images = found.evaluation.images
    fractions = ", ".join(f"{count:,} {plain(card.label(name))}" for name, count in images.items())
    sentences = [f"**{found.images:,} images with a label and a prediction** ({fractions})."]
    if found.closed:
        sentences.append(
            f"{found.closed:,} of them the gate stopped; they count here all the same, as leaving "
            "out what a model finds hard would flatter it."
        )
    for count, what in (
        (found.unscored, "with a label could not be read"),
        (found.unmatched, "labels name no file of the batch"),
        (found.ambiguous, "labels fit several files of one name"),
    ):
        if count:
            sentences.append(f"Left out: {count:,} {what}.")
    if scheme != card.contract.scheme:
        sentences.append(f"Fed as `{scheme}`, not as trained (`{card.contract.scheme}`).")
    sentences.append(
        "Intervals are 95 %, from resampling patients as told by the file names; few images give "
        "wide ones, and an interval of no width only means too few images to see an error. "
        "Images that the model was trained on flatter it."
    )
    return " ".join(sentences)


def _show(found: LabelledFigures, card: ModelCard, scheme: str) -> None:
    evaluation = found.evaluation
    st.markdown(caveat(found, card, scheme))
    left, right = st.columns(2, gap="medium")
    area = evaluation.figures["auc"]
    left.markdown(f"**ROC, any class but {plain(card.classes[0].label)} against it**")
    left.plotly_chart(
        card_figures.roc_curve(evaluation, card),
        config=PLAIN,
        key="batch_roc",
        alt=f"ROC curve with an area of {area.value:.3f}, 95 % interval {area.low:.3f} to "
        f"{area.high:.3f}",
    )
    right.markdown("**Truth against answer, the most probable class**")
    right.plotly_chart(
        card_figures.confusion_matrix(evaluation, card),
        config=PLAIN,
        key="batch_confusion",
        alt="Confusion matrix: "
        + "; ".join(", ".join(row.values()) for row in confusion_rows(evaluation, card)),
    )
    rows = figure_rows(evaluation, card)
    shown = [name for name in rows[0] if name != "Published"]
    st.table(
        {name: [row[name] for row in rows] for name in shown}, border="horizontal", hide_index=True
    )
