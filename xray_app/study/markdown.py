"""The study's answer as Markdown: sentences, the matrix, and how to repeat it."""

from xray_app.core.text import interval_text, listed, markdown_table
from xray_app.study.conclusion import conclude
from xray_app.study.records import Study, mean_over_seeds
from xray_app.study.regimes import regime_words
from xray_app.study.table import regime_table

_READ = (
    "Area under the ROC curve on the test images, mean over the seeds named above; rows were "
    "trained with, columns are fed. 0.5 is a coin."
)


def study_markdown(study: Study) -> str:
    """Write what the study found; every figure is read from its results.

    Args:
        study: at least one run; a regime has a matrix once two schemes were trained in it.
    """
    crossed = [name for name in study.regimes if len({r.scheme for r in study.of(name)}) > 1]
    parts = [
        _measured(study),
        *(f"**{answer.question}** {answer.text}" for answer in conclude(study)),
        *_side_by_side(study),
        *(_regime(study, regime) for regime in study.regimes if study.of(regime)),
        *(f"### {_title(name)}\n\n{_READ}\n\n{_matrix(study, name)}" for name in crossed),
        f"To repeat it:\n\n```sh\n{study.command}\n```",
    ]
    return "\n\n".join(parts) + "\n"


def _side_by_side(study: Study) -> tuple[str, ...]:
    rows = regime_table(study)
    return (f"### The regimes side by side\n\n{markdown_table(rows)}",) if len(rows) > 1 else ()


def _measured(study: Study) -> str:
    own = ", which scales bytes by itself" if study.rescales else ""
    left = "" if study.is_complete else f" (unfinished: {len(study.runs)} runs)"
    return (
        f"Measured on {study.date}{left} with {study.architecture}{own}, {study.parameters:,} "
        f"parameters, at {study.size} × {study.size} pixels, on `{study.data.get('name')}`"
        f"{f', trained on {study.machine}' if study.machine else ''}."
    )


def _regime(study: Study, regime: str) -> str:
    rows: list[tuple[str, ...]] = [("scheme", "AUC", "accuracy", "specificity", "ECE")]
    for scheme in study.schemes:
        runs = study.of(regime, scheme)
        if not runs:
            continue
        shown = [
            interval_text(mean_over_seeds(runs, m)) for m in ("auc", "accuracy", "specificity")
        ]
        # ECE has no interval: the percentiles of its resamples lie too high.
        rows.append((f"`{scheme}`", *shown, f"{mean_over_seeds(runs, 'ece').value:.3f}"))
    title = f"### {regime_words(regime).title}, fed what it was trained with"
    return f"{title}\n\n{regime_note(study, regime)}\n\n{markdown_table(rows)}"


def regime_note(study: Study, regime: str) -> str:
    """What a regime exactly is, and of how many seeds and epochs its figures are.

    Args:
        study: with a run of the regime at least.
        regime: its name.
    """
    runs = study.of(regime)
    seeds, epochs = len({run.seed for run in runs}), max(len(run.epochs) for run in runs)
    counted = f"Figures of {_counted(seeds, 'seed')}, {_counted(epochs, 'epoch')}."
    lost = sorted({run.scheme for run in runs if run.diverged})
    diverged = f"Diverged: {listed(lost)}." if lost else ""
    return " ".join(filter(None, (study.regime_notes.get(regime), counted, diverged)))


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _title(regime: str) -> str:
    return f"{regime_words(regime).title}: trained with one scheme, fed another"


def _matrix(study: Study, regime: str) -> str:
    rows = [("trained \\ fed", *study.schemes)]
    for scheme, values in zip(study.schemes, study.matrix(regime, "auc"), strict=True):
        cells = ["" if value is None else f"{value:.2f}" for value in values]
        if any(cells):
            rows.append((f"**{scheme}**", *cells))
    return markdown_table(rows)
