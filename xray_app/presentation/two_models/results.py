"""Two models on one radiograph: as lines for a terminal, and as plain values."""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

from xray_app.core.text import DISCLAIMER, plain_table
from xray_app.diagnosis import Diagnosis, ModelSide, common_classes
from xray_app.explain import NO_MAP
from xray_app.gate import gate_sentence, is_outside
from xray_app.presentation.alternatives import lungs_note, where_sentence
from xray_app.presentation.grid_words import LEGEND, MARKS
from xray_app.presentation.plain import diagnosis_to_dict
from xray_app.presentation.two_models.contract_table import ContractRow, contract_rows
from xray_app.presentation.two_models.sentences import two_model_sentences
from xray_app.presentation.two_models.sides import LETTERS
from xray_app.presentation.words import certainty, no_map_sentence, own_model_sentence

MARKS_OF: dict[bool | None, str] = {True: "≠", False: "=", None: "?"}
_CONTRACT_LEGEND = "≠ differs, ? not known of one, or assumed; each figure holds for its own model."
_WIDTH = 44  # of a value in the terminal
_NO_FIGURES = "can't be fed so"


def two_models_text(first: ModelSide, second: ModelSide, notices: Sequence[str] = ()) -> str:
    """What is wrong, what the two disagree on, each scheme for both, and both contracts.

    Args:
        first, second: A and B.
        notices: of the radiograph; they come first.
    """
    sides = dict(zip(LETTERS, (first, second), strict=True))
    lines = [*notices]
    for letter, side in sides.items():
        lines.append(f"{letter}: {side.card.name} ({side.card.title})")
        said = own_model_sentence(side.card) if side.card.brought else ""
        lines.append(f"   {said or gate_sentence(side.trained.gate)}")
    lines += two_model_sentences(first, second)
    lines += ["", plain_table([("fed", *LETTERS), *scheme_lines(first, second)]), LEGEND]
    if any(is_outside(side.trained.gate) for side in sides.values()):
        lines.append("outside: its model doesn't know such an image.")
    for letter, side in sides.items():
        is_known = not is_outside(side.trained.gate)
        sure = f"{certainty(side.card, side.trained)} " if is_known else ""
        lines.append(f"{letter}: {sure}{_map_sentence(side)}")
    rows = contract_rows(first, second)
    lines += ["", _contracts_text(rows), _CONTRACT_LEGEND]
    return "\n".join([*lines, DISCLAIMER])


def _map_sentence(side: ModelSide) -> str:
    saliency = side.trained.saliency
    if saliency.method == NO_MAP:
        return f"{no_map_sentence(side.card)}."
    target = side.card.target_label(saliency.asked)
    where = lungs_note(saliency, side.trained.lungs) or where_sentence(saliency)
    return f"Heatmap for {target}: {where[0].lower()}{where[1:]}"


def scheme_lines(first: ModelSide, second: ModelSide) -> list[tuple[str, str, str]]:
    """A line a scheme: each as trained, then every scheme for both; with its verdict's mark."""
    sides = first, second
    own = [side.card.contract.scheme for side in sides]
    trained = [f"{_cell(s, s.trained)} ({name})" for s, name in zip(sides, own, strict=True)]
    names = list(dict.fromkeys((*first.results, *second.results)))
    if names == own[:1]:
        names = []  # both were trained with the one scheme that was asked for
    return [
        ("as trained", trained[0], trained[1]),
        *((n, _cell(first, first.results.get(n)), _cell(second, second.results.get(n)))
          for n in names),
    ]  # fmt: skip


def _cell(side: ModelSide, result: Diagnosis | None) -> str:
    if result is None:
        return _NO_FIGURES
    prediction = result.prediction
    label = side.card.label(prediction.predicted).lower()
    outside = ", outside" if is_outside(result.gate) else ""
    return f"{MARKS[result.contract.verdict]} {label} {prediction.top_probability:.2f}{outside}"


def _contracts_text(rows: Sequence[ContractRow]) -> str:
    lines: list[tuple[str, str, str, str]] = [("contract", "", *LETTERS)]
    for row in rows:
        columns = [wrap(text, _WIDTH) or [""] for text in row.shown]
        for place in range(max(map(len, columns))):
            first, second = (c[place] if place < len(c) else "" for c in columns)
            head = ("", "") if place else (row.aspect, MARKS_OF[row.differs])
            lines.append((*head, first, second))
    return plain_table(lines)


def two_models_to_dict(
    first: ModelSide, second: ModelSide, file: str, notices: Sequence[str] = ()
) -> dict[str, Any]:
    """Return plain values, for JSON; ``a`` and ``b`` are the two models.

    Args:
        first, second: A and B.
        file: the radiograph's name.
        notices: of the radiograph.
    """
    found = common_classes(first.card, second.card)
    return {
        "file": file,
        "models": {
            letter.lower(): _side_to_dict(side, file)
            for letter, side in zip(LETTERS, (first, second), strict=True)
        },
        "conclusion": list(two_model_sentences(first, second)),
        "classes": {
            "question": found.question,
            "common": list(found.names),
            "figures_comparable": found.figures,
        },
        "contracts": [row.to_dict() for row in contract_rows(first, second)],
        "notices": list(notices),
    }


def _side_to_dict(side: ModelSide, file: str) -> dict[str, Any]:
    results: Mapping[str, Diagnosis] = side.results
    return {
        "model": side.card.name,
        "title": side.card.title,
        "sha256": side.card.weights.sha256,
        "trained_scheme": side.card.contract.scheme,
        "training_range": list(side.training_range),
        "schemes": {name: diagnosis_to_dict(result, file) for name, result in results.items()},
    }
