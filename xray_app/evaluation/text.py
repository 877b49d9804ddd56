"""All that was measured of a model, as text for the terminal and as Markdown for the documents."""

from xray_app.cards import Evaluation, ModelCard, ModelEvaluation
from xray_app.core.text import DISCLAIMER, cells, markdown_table, percent_text, plain_table
from xray_app.evaluation.sentences import (
    calibration_sentences,
    inside_sentence,
    repetition_sets,
    set_sentence,
)
from xray_app.evaluation.tables import (
    condition_rows,
    confusion_rows,
    figure_rows,
    method_rows,
    predictive_rows,
    repetition_rows,
    stability_rows,
)


def evaluation_text(evaluation: Evaluation, card: ModelCard) -> str:
    """Plain text for the terminal."""
    count = sum(evaluation.images.values())
    return "\n".join(
        [
            f"{card.title}, {evaluation.condition}: {count} images of "
            f"{evaluation.patients} patients in {evaluation.split}/ of {evaluation.data}",
            f"positive from a probability of {evaluation.threshold:g}; intervals are 95 %, "
            f"{evaluation.resamples} resamples of patients",
            plain_table(cells(figure_rows(evaluation, card))),
            "",
            plain_table(cells(predictive_rows(evaluation))),
            "",
            plain_table(cells(confusion_rows(evaluation, card))),
            DISCLAIMER,
        ]
    )


def record_markdown(record: ModelEvaluation, card: ModelCard) -> str:
    """The document on one model, made from its record."""
    first = record.evaluations[0]
    differences = card.published.differences if card.published else ()
    source = card.published.source if card.published else ""
    other = [
        f"- {p.images} healthy adults ({p.data}): {percent_text(p.called_positive)} are called "
        "positive."
        for p in record.other_populations
    ]
    inside = inside_sentence(record)
    return "\n".join(
        [
            f"# What was measured of {card.name}",
            "",
            f"Made by `{record.command}`; don't edit. {DISCLAIMER}",
            "",
            f"{sum(first.images.values())} images of {first.patients} patients in {first.split}/ "
            f"of {first.data}; positive from a probability of {first.threshold:g}. Intervals are "
            f"95 %, from {first.resamples} resamples of patients.",
            "",
            markdown_table(cells(figure_rows(first, card))),
            "",
            *([inside, ""] if inside else []),
            *([f"Published: {source}. What differs:", ""] if source else []),
            *(f"- {difference}" for difference in differences),
            *([""] if source else []),
            "## Predictive values",
            "",
            markdown_table(cells(predictive_rows(first))),
            "",
            "## Confusion",
            "",
            markdown_table(cells(confusion_rows(first, card))),
            "",
            "## Calibration",
            "",
            calibration_sentences(record),
            "",
            markdown_table(cells(method_rows(record.calibration))),
            "",
            *([sets, ""] if (sets := set_sentence(first, card)) else []),
            "## Where it fails",
            "",
            markdown_table(cells(condition_rows(record))),
            "",
            *other,
            "",
            "## Repeatability",
            "",
            f"{repetition_sets(record)}.",
            "",
            markdown_table(cells(repetition_rows(record))),
            "",
            *_stability_parts(record),
        ]
    )


def _stability_parts(record: ModelEvaluation) -> list[str]:
    if not record.class_stability:
        return []
    return [
        "## The class under changes that mean nothing",
        "",
        "Every test image, fed as trained, and the same image moved by a pixel, stored as JPEG, "
        "turned or resized a little: none of it means anything medically. Intervals are over "
        "patients. The page Diagnose does the same for the image at hand, on request.",
        "",
        markdown_table(cells(stability_rows(record))),
        "",
    ]
