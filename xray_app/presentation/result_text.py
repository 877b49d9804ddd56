"""One result as lines of text, for a terminal and a notebook."""

from collections.abc import Sequence

from xray_app.cards import ModelCard
from xray_app.core.text import DISCLAIMER
from xray_app.diagnosis import Diagnosis
from xray_app.explain import NO_MAP
from xray_app.gate import OUTSIDE, gate_sentence, is_outside
from xray_app.presentation.geometry_words import fit_sentence
from xray_app.presentation.knowing_words import known_by_sentence
from xray_app.presentation.words import certainty, no_map_sentence


def diagnosis_text(
    card: ModelCard,
    diagnosis: Diagnosis,
    notices: Sequence[str] = (),
    others: Sequence[ModelCard] | None = None,
) -> str:
    """What is wrong with the image, the gate, the scheme's verdict, the prediction, how sure.

    Args:
        card: the model's.
        diagnosis: the result.
        notices: of the radiograph; they come first: the gate may be closed because of them.
        others: models that know an image which a gate stopped; None if nobody asked.
    """
    prediction, contract = diagnosis.prediction, diagnosis.contract
    percentages = zip(prediction.classes, prediction.probabilities, strict=True)
    lines = [
        *notices,
        gate_sentence(diagnosis.gate),
        *([] if others is None else [known_by_sentence(others)]),
        f"{contract.headline}. {contract.message}",
        *filter(None, [fit_sentence(diagnosis.geometry, contract)]),
        f"{prediction.predicted} ("
        + ", ".join(f"{name} {probability:.3f}" for name, probability in percentages)
        + f") under scheme {diagnosis.scheme}",
        aside_sentence(card, diagnosis),
    ]
    if diagnosis.saliency.method == NO_MAP:
        lines.append(f"{no_map_sentence(card)} (--explain).")
    elif diagnosis.saliency.is_empty:
        lines.append(f"No positive evidence for {diagnosis.saliency.asked}.")
    return "\n".join([*lines, DISCLAIMER])


def aside_sentence(card: ModelCard, diagnosis: Diagnosis) -> str:
    """What is said beside a prediction: how sure it is, or why it says nothing.

    How sure a model is was measured on images like its training's, fed as trained: of any other
    image, or under a scheme that doesn't fit, it would be no more than a claim.
    """
    if is_outside(diagnosis.gate):
        return f"This is {OUTSIDE}."
    if diagnosis.contract.verdict != "mismatch":
        return certainty(card, diagnosis)
    trained = diagnosis.trained_prediction
    return (
        f"Fed as trained ({diagnosis.trained_scheme}), the same image gives "
        f"{card.label(trained.predicted)} {trained.top_probability:.2f}."
    )
