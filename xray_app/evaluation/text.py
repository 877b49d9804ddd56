"""All that was measured of a model, as text for the terminal and as Markdown for the documents."""

from xray_app.cards import Evaluation, ModelCard, ModelEvaluation
from xray_app.core.text import DISCLAIMER, Rows, cells, markdown_table, percent_text, plain_table
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
            f"{evaluation.resamples} resamples of patients, or exact where all images agree",
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
    sets, inside = set_sentence(first, card), inside_sentence(record)
    return "\n".join(
        [
            *_head(record, card),
            markdown_table(cells(figure_rows(first, card))),
            "",
            *([inside, ""] if inside else []),
            *_published(card),
            *_section("Predictive values", predictive_rows(first)),
            *_section("Confusion", confusion_rows(first, card)),
            *_section(
                "Calibration", method_rows(record.calibration), calibration_sentences(record)
            ),
            *([sets, ""] if sets else []),
            *_section("Where it fails", condition_rows(record)),
            *_other_populations(record),
            "",
            *_section("Repeatability", repetition_rows(record), f"{repetition_sets(record)}."),
            *_stability(record),
        ]
    )


def _head(record: ModelEvaluation, card: ModelCard) -> list[str]:
    first = record.evaluations[0]
    return [
        f"# What was measured of {card.name}",
        "",
        f"Made by `{record.command}`; don't edit. {DISCLAIMER}",
        "",
        f"{sum(first.images.values())} images of {first.patients} patients in {first.split}/ "
        f"of {first.data}; positive from a probability of {first.threshold:g}. Intervals are "
        f"95 %, from {first.resamples} resamples of patients, or exact where all images agree.",
        "",
    ]


def _published(card: ModelCard) -> list[str]:
    """Whose figures stand beside those measured here, and what differs."""
    if card.published is None:
        return []
    differences = [f"- {difference}" for difference in card.published.differences]
    return [f"Published: {card.published.source}. What differs:", "", *differences, ""]


def _section(title: str, rows: Rows, *paragraphs: str) -> list[str]:
    """A heading, paragraphs and a table."""
    spaced = [line for paragraph in paragraphs for line in (paragraph, "")]
    return [f"## {title}", "", *spaced, markdown_table(cells(rows)), ""]


def _other_populations(record: ModelEvaluation) -> list[str]:
    return [
        f"- {p.images} radiographs of other people, labelled as without a finding ({p.data}): "
        f"{percent_text(p.called_positive)} are called positive."
        for p in record.other_populations
    ]


def _stability(record: ModelEvaluation) -> list[str]:
    if not record.class_stability:
        return []
    return _section(
        "The class under changes that mean nothing",
        stability_rows(record),
        "Every test image, fed as trained, and the same image moved by a pixel, stored as JPEG, "
        "turned or resized a little: none of it means anything medically. Intervals are over "
        "patients. The page Diagnose does the same for the image at hand, on request.",
    )
