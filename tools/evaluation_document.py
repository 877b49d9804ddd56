"""docs/evaluation.md: the record of the bundled model, and what its first weights did beside it."""

from xray_app.cards import Evaluation, ModelCard, ModelEvaluation
from xray_app.core.text import markdown_table
from xray_app.evaluation import FIGURES, figure_text_of, record_markdown

_TEXT = """\
## Before and after

The first weights of this name (version 1, at 224 pixels) beside these (version {version}, at {size}
pixels), on the same test images, each with its own calibration and threshold from `val/`. Theirs is
`tools/first_evaluation.json`, measured by `{command}` with the weights of then.

{table}

What changed besides the weights: the calibration accounts for wrong labels on validation, the gate
was fitted to adults of four places ([gate.md](gate.md)), and the heatmaps were put to five tests
([register.md](register.md)).
"""


def evaluation_document(first: ModelEvaluation, record: ModelEvaluation, card: ModelCard) -> str:
    """Markdown of the record, and of the first weights' beside it."""
    before, after = first.evaluations[0], record.evaluations[0]
    comparison = _TEXT.format(
        version=card.version,
        size=card.input.height,
        command=first.command,
        table=markdown_table(_rows(before, after)),
    )
    return f"{record_markdown(record, card)}\n{comparison}"


def _rows(before: Evaluation, after: Evaluation) -> list[tuple[str, ...]]:
    def text(evaluation: Evaluation, name: str) -> str:
        return figure_text_of(evaluation, name) if name in evaluation.figures else "not measured"

    return [
        ("Figure", "First weights", "These weights"),
        *((label, text(before, name), text(after, name)) for name, label in FIGURES.items()),
    ]
