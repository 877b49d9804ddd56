"""What the tour says, from what was measured; no result is written down here."""

from collections.abc import Sequence
from statistics import median

from xray_app.cards import ModelCard
from xray_app.core import Prediction, Values
from xray_app.core.text import ends_text
from xray_app.diagnosis import Diagnosis
from xray_app.inspection import InsideModel
from xray_app.presentation import is_meaningful
from xray_app.study import Study
from xray_app.ui.words import plain

FIRST_CONVOLUTION = "[What each scheme sends](#what-each-scheme-sends-to-the-first-convolution)"
MATRIX = "[The matrix](#trained-with-one-scheme-fed-another)"


def _hidden(diagnosis: Diagnosis) -> str:
    """Why no prediction may be told; empty if one may."""
    gate = diagnosis.gate
    return plain(gate.reason) if gate is not None and gate.verdict != "open" else ""


def _answer(card: ModelCard, prediction: Prediction) -> str:
    return f"**{plain(card.label(prediction.predicted))} {prediction.top_probability:.2f}**"


def trained_words(card: ModelCard, found: Diagnosis) -> str:
    """The result as trained.

    Args:
        card: of the model.
        found: of a drawn radiograph under the scheme of training.
    """
    said = _hidden(found) or f"The model answers {_answer(card, found.prediction)}."
    return (
        f"An AI-generated radiograph, fed as the model was trained (`{found.scheme}`). {said} "
        f"Measured at the first convolution: {plain(found.contract.headline).lower()}."
    )


def divided_words(card: ModelCard, found: Diagnosis, blanks: Sequence[Values]) -> str:
    """The result under another scale, against that as trained.

    Args:
        card: of the model.
        found: under that scale.
        blanks: (K,) probabilities of images without any content under the same scale.
    """
    if hidden := _hidden(found):
        return hidden
    prediction = found.prediction
    same = sum(prediction.classes[int(b.argmax())] == prediction.predicted for b in blanks)
    blind = f" Of {len(blanks)} images without any content, {same} get the same class."
    return (
        f"Same image, same weights, `{found.scheme}`: {_answer(card, found.prediction)} instead of "
        f"{_answer(card, found.trained_prediction)}. {plain(found.contract.message)}"
        f"{'' if is_meaningful(found) else blind}"
    )


def convolution_words(inside: InsideModel, trained: str, other: str) -> str:
    """What reaches the first convolution under two presets; the ends are those of the image."""
    ends = {reach.scheme: reach.image for reach in inside.reaches}
    spans = {scheme: ends[scheme][1] - ends[scheme][0] for scheme in (trained, other)}
    times = (
        f", {spans[trained] / spans[other]:.3g} times narrower"
        if 0.0 < spans[other] < spans[trained]
        else ""
    )
    return (
        f"What the first convolution got from this image: {ends_text(ends[trained])} as trained, "
        f"and {ends_text(ends[other])} under `{other}`{times}. Training spanned "
        f"{ends_text(inside.training_range)}. {FIRST_CONVOLUTION} is further down."
    )


def matrix_words(study: Study) -> str:
    """AUC on and off the diagonal of the first regime that was run."""
    regime = next((name for name in study.regimes if study.of(name)), "")
    cells = [
        (i == j, value)
        for i, row in enumerate(study.matrix(regime, "auc"))
        for j, value in enumerate(row)
        if value is not None
    ]
    own = [value for same, value in cells if same]
    others = [value for same, value in cells if not same]
    if not own or not others:
        return "This study has no matrix yet."
    return (
        f"{len(study.schemes)} schemes in training by as many in use, another and smaller network "
        f"({plain(study.architecture)}). With the same scheme in both, the AUC is {min(own):.3f} "
        f"to {max(own):.3f}; with two different ones {min(others):.3f} to {max(others):.3f}, "
        f"median {median(others):.3f}. {MATRIX} is further down."
    )


def own_words() -> str:
    """What a visitor can do now."""
    return (
        "Now a radiograph of yours: put it in under *Radiograph* in the sidebar (on a narrow "
        "screen, » opens it). Whether this model can know it, what it says as trained, and what "
        "another scheme makes of that, stand here at once."
    )
