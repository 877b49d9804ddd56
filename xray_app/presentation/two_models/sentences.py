"""What two models disagree on, in sentences; never one class's figure beside another's."""

from collections.abc import Iterable, Sequence

from xray_app.core.text import listed
from xray_app.diagnosis import Diagnosis, ModelSide
from xray_app.gate import is_outside
from xray_app.presentation.two_models.answers import answers_sentence, common_sentence
from xray_app.presentation.two_models.contract_table import (
    ContractRow,
    assumed_aspects,
    contract_rows,
)
from xray_app.presentation.two_models.sides import LETTERS, Sides

_FITS = {"matches": "fits", "contrast": "is another contrast for", "mismatch": "is a mismatch for"}


def two_model_sentences(
    first: ModelSide, second: ModelSide, scheme: str | None = None
) -> tuple[str, ...]:
    """What is said above the two, A and B.

    Args:
        first: A.
        second: B.
        scheme: what both were fed; None where each was fed as it was trained.

    Returns:
        What they disagree on, what each must be fed, and which scheme suits both.
    """
    sides = first, second
    return (
        _conclusion(sides, scheme),
        feeding_sentence(contract_rows(first, second)),
        _scheme_sentence(sides),
    )


def _conclusion(sides: Sides, scheme: str | None) -> str:
    shown = [result_under(side, scheme) for side in sides]
    for letter, result in zip(LETTERS, shown, strict=True):
        if result is None:
            return (
                f"{letter} can't be fed `{scheme}`: its card states no mean and deviation of the "
                "training images."
            )
    results = [result for result in shown if result is not None]
    unheard = _unheard(sides, results, scheme)
    if unheard is not None:
        return f"{unheard} {common_sentence(sides)}"
    unchecked = [LETTERS[i] for i, result in enumerate(results) if result.gate is None]
    know = "knows" if len(unchecked) == 1 else "know"
    before = f"Nothing checks whether {listed(unchecked)} {know} such an image. "
    return (before if unchecked else "") + answers_sentence(sides, results)


def result_under(side: ModelSide, scheme: str | None) -> Diagnosis | None:
    """The result under a scheme, or as trained; None where the card lacks figures for it."""
    return side.trained if scheme is None else side.results.get(scheme)


def _unheard(sides: Sides, results: Sequence[Diagnosis], scheme: str | None) -> str | None:
    """Why there is nothing to compare; None where both answers say something."""
    outside = [is_outside(result.gate) for result in results]
    if all(outside):
        return "Both gates are closed: neither model knows such an image, so nothing is compared."
    if any(outside):
        closed, other = (LETTERS[outside.index(value)] for value in (True, False))
        known = results[outside.index(False)].gate is not None
        said = f"{closed} doesn't know such an image, so what the two say is not compared"
        if known:
            return f"Only the gate of {other} is open: {said}."
        return f"The gate of {closed} is closed: {said}; nothing checks whether {other} knows it."
    wrong = [result.contract.verdict == "mismatch" for result in results]
    fed = f"Under `{scheme}`" if scheme else "As trained"
    if not _are_schemes_known(sides):
        fed += ", as far as is known,"
    if all(wrong):
        return (
            f"{fed} neither model gets what it was trained for: no figure of either holds, so "
            "nothing is compared."
        )
    if any(wrong):
        bad, good = (LETTERS[wrong.index(value)] for value in (True, False))
        return (
            f"{fed} only {good} gets what it was trained for; {bad} was not trained for this and "
            "its figure does not hold, so nothing is compared."
        )
    return None


def feeding_sentence(rows: Sequence[ContractRow]) -> str:
    """Say whether one tensor serves both, and if not, in what they want it different.

    What is assumed of a model is said as far as it is known.
    """
    inputs = [row for row in rows if row.part == "input"]
    assumed = [row for row in inputs if row.differs is None]
    known, perhaps = (
        _differences(row for row in part if row.first != row.second)
        for part in ([row for row in inputs if row.differs is not None], assumed)
    )
    if not assumed:
        if not known:
            return "Both must be fed alike: one tensor serves both."
        return f"One tensor can't serve both: they differ in {listed(known)}."
    are = "is" if len(assumed) == 1 else "are"
    names = listed([_lowered(row.aspect) for row in assumed])
    as_known = f"s far as is known ({names} {are} assumed)"
    if known:
        also = f" A{as_known} they differ in {listed(perhaps)} as well." if perhaps else ""
        return f"One tensor can't serve both: they differ in {listed(known)}.{also}"
    if perhaps:
        return f"A{as_known} one tensor can't serve both: they differ in {listed(perhaps)}."
    return f"A{as_known} both must be fed alike, and one tensor serves both."


def _differences(rows: Iterable[ContractRow]) -> list[str]:
    found = {row.aspect: row for row in rows}
    if "Scheme" in found:
        found.pop("Values", None)
    return [f"{_lowered(r.aspect)} (A {r.first}, B {r.second})" for r in found.values()]


def _lowered(text: str) -> str:
    return f"{text[0].lower()}{text[1:]}"


def _scheme_sentence(sides: Sides) -> str:
    own = [side.card.contract.scheme for side in sides]
    as_known = "" if _are_schemes_known(sides) else ", as far as is known"
    if own[0] == own[1]:
        return f"Both were trained with `{own[0]}`{as_known}."
    said = []
    for place, scheme in enumerate(own):
        other = sides[1 - place].results.get(scheme)
        verdict = "can't be fed to" if other is None else _FITS[other.contract.verdict]
        said.append(f"`{scheme}` fits {LETTERS[place]} and {verdict} {LETTERS[1 - place]}")
    both = [
        f"`{name}`"
        for name, result in sides[0].results.items()
        if result.contract.verdict == "matches"
        and (other := sides[1].results.get(name)) is not None
        and other.contract.verdict == "matches"
    ]
    fit = "fits" if len(both) == 1 else "fit"
    suits = f"{listed(both)} {fit} both" if both else "none of the schemes here fits both"
    return f"Under one scheme for both{as_known}: {'; '.join(said)}; {suits}."


def _are_schemes_known(sides: Sides) -> bool:
    return all("Scheme" not in assumed_aspects(side.card) for side in sides)
