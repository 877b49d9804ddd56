"""docs/models.md: what each installed model is, from its card and the records beside it."""

from collections.abc import Sequence
from typing import Any

from xray_app.cards import (
    FAITHFULNESS_FILE,
    ArtefactRecord,
    Evaluation,
    GateFile,
    ModelCard,
    ModelEvaluation,
    artefacts_of,
    beats_random,
    read_faithfulness,
)
from xray_app.core.text import cells, interval_text, listed, markdown_table
from xray_app.evaluation import condition_rows, inside_sentence
from xray_app.evaluation.faithfulness import blob_sentence
from xray_app.evaluation.gate import left_out_sentence
from xray_app.explain import EXPLANATIONS

Measured = tuple[ModelCard, ModelEvaluation | None, GateFile | None]

_HEAD = """\
# The installed models

Written by `{tool}` from the cards and the records beside them; don't edit.

None of them is a medical device. Each knows those whom it was trained on and nobody else. Its gate
says, for the image at hand, whether it is told apart from those; where one model's gate is closed,
the page and `predict` say which installed model of other people has an open one (of several models
of the same people the first is asked), and that none has, is an answer. No model changes unasked.

{overview}

## To add one

Put a folder with `card.json` and the weights into `models/`: `train` writes both. Say in the card
whom it knows (`training_data`: `population`, `ages` in years, `body_parts`, `views`) and, where the
lungs shall be drawn, which way (`lungs`: `behind_heart` or `beside_heart`). Then, in this order:

    python -m xray_app gate DATA OTHERS --layers A,B --model NAME
    python -m xray_app export --model NAME
    python -m xray_app measure DATA --inside OWN --model NAME
    python -m xray_app artefacts DATA --model NAME
    python -m xray_app faithfulness DATA --model NAME
    python -m xray_app anatomy DATA... --model NAME

OTHERS has `fit/` and `report/`, each with `adult/`, `child/` and `not_chest/`, and in those a
folder for each place. By the ages in the card, one of adults and children are those whom the model
knows, from places that it never saw, and the others are the other population.
"""

_LITERATURE = {
    "cxr_lite0_tb": """\
Beside it, by what their abstracts say: Jaeger et al. 2014 (Quant. Imaging Med. Surg. 4, 475)
published the two sets. Pasa et al. 2019 (Sci. Rep. 9, 6268) trained a small network for the same
question and looked at its heatmaps. Rajaraman et al. 2021 (Diagnostics 11, 616) drew findings of
tuberculosis and tested on films of other institutions, these two sets among them. Karki et al. 2022
(Diagnostics 12, 188) had an AUC of 0.85 in cross-validation and 0.65 on a country held out, for
drug-resistant against drug-sensitive tuberculosis. A preprint of 2026 (doi
10.64898/2026.01.17.26344327) did the same with a DenseNet-121 trained on Shenzhen: an AUC of 0.889
inside, and on Montgomery a sensitivity of 0.948 with a specificity of 0.437.
""",
}


def models_document(models: Sequence[Measured], tool: str) -> str:
    """Markdown of all models.

    Args:
        models: cards with what was measured beside them.
        tool: the command that writes the document.
    """
    overview = [
        ("model", "whom it knows", "what it tells", "fed"),
        *(
            (
                f"[{card.name}](#{card.name})",
                card.training_data.population,
                ", ".join(label.label.lower() for label in card.classes),
                f"`{card.contract.scheme}`, {card.input.width} × {card.input.height}",
            )
            for card, _, _ in models
        ),
    ]
    parts = [_HEAD.format(tool=tool, overview=markdown_table(overview)), *_crossed(models)]
    return "\n".join([*parts, *(_section(*model) for model in models)])


_CROSSED = """\
{count} models of one network ({network}), with the same images, recipe and seed, differ in nothing
but what they were fed.{alike}

The same test images for all: rows by model, columns by what it is fed; bold is what it was trained
with. The page *Compare models* shows two of them on one radiograph.

AUC, where 0.5 is a coin:

{auc}

Order may survive where the answer does not: specificity at each model's own threshold, which was
chosen on images fed as trained:

{specificity}
"""
_ALIKE = " Fed as trained, the intervals of their AUC overlap, which is no test on the same images."

Pair = tuple[ModelCard, ModelEvaluation]


def _crossed(models: Sequence[Measured]) -> list[str]:
    """Tables of models that differ in the scheme only: trained under one, fed another."""
    alike: dict[tuple[object, ...], list[Pair]] = {}
    for card, record, _ in models:
        if record:
            trained, tested = card.training_data, record.evaluations[0]
            key = (card.architecture, card.input, trained.name, trained.recipe)
            alike.setdefault((*key, tested.data, tested.split), []).append((card, record))
    groups = [group for group in alike.values() if len(group) > 1]
    heading = ["## One question, several contracts\n"] if groups else []
    return [*heading, *map(_crossed_group, groups)]


def _crossed_group(group: Sequence[Pair]) -> str:
    card = group[0][0]
    auc = [record.evaluations[0].figures["auc"] for _, record in group]
    overlap = max(figure.low for figure in auc) <= min(figure.high for figure in auc)
    return _CROSSED.format(
        count=len(group),
        network=f"{card.architecture} at {card.input.width} × {card.input.height}",
        alike=_ALIKE if overlap else "",
        auc=markdown_table(_crossed_rows(group, "auc")),
        specificity=markdown_table(_crossed_rows(group, "specificity")),
    )


def _crossed_rows(group: Sequence[Pair], name: str) -> list[tuple[str, ...]]:
    fed = {card.name: _by_scheme(record) for card, record in group}
    own = dict.fromkeys(card.contract.scheme for card, _ in group)
    schemes = [
        scheme
        for scheme in dict.fromkeys((*own, *fed[group[0][0].name]))
        if all(scheme in each for each in fed.values())
    ]
    rows: list[tuple[str, ...]] = [("model", *(f"fed `{scheme}`" for scheme in schemes))]
    for card, _ in group:
        texts = ((s, interval_text(fed[card.name][s].figures[name])) for s in schemes)
        marked = (f"**{text}**" if s == card.contract.scheme else text for s, text in texts)
        rows.append((card.name, *marked))
    return rows


def _by_scheme(record: ModelEvaluation) -> dict[str, Evaluation]:
    """The figures of the test images under each scheme; the one as trained comes first."""
    found: dict[str, Evaluation] = {}
    for each in record.evaluations:
        found.setdefault(each.scheme, each)  # the negative, as trained, comes last
    return found


def _section(card: ModelCard, record: ModelEvaluation | None, gate: GateFile | None) -> str:
    data = card.training_data
    origin = [
        ("what", "which"),
        ("Title", card.title),
        ("Trained on", f"{data.images:,} images: {data.name} ({data.source}; {data.licence})"),
        ("Whom it knows", data.population),
        ("Network", f"{card.architecture}, {card.input.geometry.text}"),
        ("Training", data.recipe),
    ]
    return "\n".join(
        [
            f"## {card.name}",
            "",
            markdown_table(origin),
            "",
            "What it can't do:",
            "",
            *(f"- {limitation}" for limitation in card.limitations),
            "",
            *(_measured(record) if record else ["Nothing has been measured of it.", ""]),
            *(_gate(gate) if gate else ["Nothing checks whether it knows an image.", ""]),
            *_artefacts(artefacts_of(card)),
            *_faithfulness(read_faithfulness(card.folder / FAITHFULNESS_FILE)),
            *([_LITERATURE[card.name]] if card.name in _LITERATURE else []),
        ]
    )


def _measured(record: ModelEvaluation) -> list[str]:
    first = record.evaluations[0]
    names = {"auc": "AUC", "sensitivity": "sensitivity", "specificity": "specificity"}
    figures = ", ".join(f"{label} {interval_text(first.figures[n])}" for n, label in names.items())
    inside = inside_sentence(record)
    return [
        f"On {sum(first.images.values())} images of {first.patients} patients in {first.split}/ of "
        f"`{first.data}`, at the threshold {first.threshold:.2f} that was chosen on validation "
        f"images: {figures}.{f' {inside}' if inside else ''}",
        "",
        "The same images fed otherwise:",
        "",
        markdown_table(cells(condition_rows(record))),
        "",
        f"Measured by `{record.command}`.",
        "",
    ]


def _artefacts(record: ArtefactRecord | None) -> list[str]:
    """How its heatmaps did in the tests of artefacts, and what follows from those that failed."""
    if record is None:
        return ["Its heatmaps were not tested for artefacts.", ""]
    verdicts = (
        ("passed", [t.name for t in record.tests if t.passes]),
        ("failed", [t.name for t in record.tests if t.passes is False]),
        ("not shown", [t.name for t in record.tests if t.passes is None and t.figure]),
        ("can't be told", [t.name for t in record.tests if not t.figure]),
    )
    said = "; ".join(f"{verdict}: {listed(names)}" for verdict, names in verdicts if names)
    failed = "".join(f" {t.sentence}" for t in record.tests if t.passes is False)
    return [f"Its heatmaps in the [tests of artefacts](register.md): {said}.{failed}", ""]


def _faithfulness(record: dict[str, Any] | None) -> list[str]:
    """Which of its heatmaps of the last layer name places that matter to it."""
    if record is None:
        return ["Whether its heatmaps name places that matter to it was not measured.", ""]
    beaten, others = (
        [
            EXPLANATIONS[r["method"]].label
            for r in record["results"]
            if r["method"] in EXPLANATIONS and beats_random(record, r["method"]) is verdict
        ]
        for verdict in (True, False)
    )
    return [
        "Its heatmaps of the last layer, in the [tests of faithfulness](faithfulness.md): better "
        f"than a random map by both deletion and insertion: {listed(beaten) or 'none'}"
        f"{f'; not shown to be: {listed(others)}' if others else ''}. {blob_sentence(record)} "
        f"Measured by `{record['command']}`.",
        "",
    ]


def _gate(gate: GateFile) -> list[str]:
    return [
        "Of other people from a place that its gate was fitted without, open it: "
        f"{left_out_sentence(gate)} Measured by `{gate.command}`.",
        "",
    ]
