"""From a result to the record of its report; see ``documents.content``."""

from xray_app.cards import (
    EVALUATION_FILE,
    FAITHFULNESS_FILE,
    ModelCard,
    TrainingData,
    artefacts_of,
    read_evaluation,
    read_faithfulness,
)
from xray_app.core import CardError, ContractReport, Radiograph
from xray_app.core.images import COLOUR_MAPS, DIFFERENCE, radiograph_for_display
from xray_app.core.normalization import parse_scheme
from xray_app.core.text import ends_text
from xray_app.diagnosis import Diagnosis
from xray_app.documents.content import WEIGHTS, ClassRow, ColourScale, Pairs, Report, Setting
from xray_app.documents.formulas import plain_formula
from xray_app.documents.versions import versions
from xray_app.gate import OUTSIDE, gate_sentence, is_outside
from xray_app.presentation import (
    aside_sentence,
    contract_figures,
    fit_sentence,
    heat_caption,
    is_meaningful,
    lungs_note,
    map_worth_of,
    overlay_on,
    placement_of,
    where_sentence,
)


def make_report(
    radiograph: Radiograph, diagnosis: Diagnosis, card: ModelCard, setting: Setting
) -> Report:
    """Gather what a report says of one result.

    Raises:
        UnknownChoice: there is no such colour map.
    """
    outside = is_outside(diagnosis.gate)
    contract = diagnosis.contract
    display = radiograph_for_display(radiograph)
    height, width = radiograph.pixels.shape
    return Report(
        scheme_name=diagnosis.scheme,
        digest=radiograph.digest,
        created=setting.created,
        origin=setting.origin,
        cautions=_cautions(diagnosis, outside=outside),
        gate=gate_sentence(diagnosis.gate),
        gate_verdict="none" if diagnosis.gate is None else diagnosis.gate.verdict,
        headline=_headline(card, diagnosis),
        is_meaningful=is_meaningful(diagnosis),
        aside=aside_sentence(card, diagnosis).replace("`", ""),
        classes=_classes(card, diagnosis),
        verdict=contract.verdict,
        contract=(contract.headline, contract.message, contract_figures(contract)),
        contract_figures=_defined_figures(contract),
        scheme=_scheme(diagnosis),
        radiograph=display,
        overlay=overlay_on(display, diagnosis, setting.opacity, setting.colour_map),
        radiograph_caption=f"{width} × {height} pixels, {radiograph.bits} bit "
        f"{radiograph.file_format}",
        overlay_caption=heat_caption(card, diagnosis),
        overlay_place=where_sentence(diagnosis.saliency, diagnosis.lungs.lungs),
        scale=_colour_scale(diagnosis, setting.colour_map),
        stages=diagnosis.stages,
        provenance=tuple(
            (step.name, step.detail, ends_text(step.before), ends_text(step.after))
            for step in diagnosis.provenance
        ),
        notices=(*radiograph.notices, *_of_the_map(card, diagnosis)),
        technical=tuple(radiograph.technical.items()),
        model_name=card.name,
        model=_model(card),
        versions=(*versions(), (WEIGHTS, card.weights.sha256)),
    )


def _cautions(diagnosis: Diagnosis, *, outside: bool) -> tuple[str, ...]:
    found = []
    if outside and diagnosis.gate is not None:
        found.append(f"{diagnosis.gate.reason} What is shown below is {OUTSIDE}.")
    contract = diagnosis.contract
    if contract.verdict == "mismatch":
        found.append(f"{contract.headline}. {contract.message}")
    if said := fit_sentence(diagnosis.geometry, contract):
        found.append(said)
    return tuple(found)


def _headline(card: ModelCard, diagnosis: Diagnosis) -> str:
    prediction = diagnosis.prediction
    return f"{card.label(prediction.predicted)} {prediction.top_probability:.2f}"


def _classes(card: ModelCard, diagnosis: Diagnosis) -> tuple[ClassRow, ...]:
    prediction = diagnosis.prediction
    raw = prediction.raw_probabilities
    return tuple(
        ClassRow(
            name,
            card.label(name),
            float(prediction.probabilities[i]),
            None if raw is None else float(raw[i]),
            name == prediction.predicted,
        )
        for i, name in enumerate(prediction.classes)
    )


def _defined_figures(contract: ContractReport) -> dict[str, float]:
    names = ("gain", "offset", "correlation", "coverage")
    values = {name: getattr(contract, name) for name in names}
    return {name: float(value) for name, value in values.items() if value is not None}


def _scheme(diagnosis: Diagnosis) -> Pairs:
    scheme = parse_scheme(diagnosis.scheme)
    trained = diagnosis.trained_scheme
    return (
        ("Scheme", f"{scheme.name} ({scheme.label})"),
        ("Formula", f"{plain_formula(scheme.formula)}, where x is 0 for black and 1 for white"),
        ("What it does", scheme.explanation),
        ("Model input", scheme.output_range),
        ("Trained with", "the same" if trained == scheme.name else trained),
    )


def _of_the_map(card: ModelCard, diagnosis: Diagnosis) -> tuple[str, ...]:
    try:
        checks = read_faithfulness(card.folder / FAITHFULNESS_FILE)
        artefacts = artefacts_of(card)
    except CardError:  # the page shows the result without them, too
        checks, artefacts = None, None
    said = (
        lungs_note(diagnosis.saliency, diagnosis.lungs),
        placement_of(diagnosis, checks, artefacts),
        map_worth_of(diagnosis, checks),
    )
    return tuple(sentence for sentence in said if sentence)


def _colour_scale(diagnosis: Diagnosis, colour_map: str) -> ColourScale | None:
    if diagnosis.saliency_scale <= 0.0:
        return None
    top, unit = diagnosis.saliency_scale, diagnosis.saliency.unit
    if diagnosis.saliency.negative is not None:
        return ColourScale(DIFFERENCE, top, unit, low=-top)
    return ColourScale(COLOUR_MAPS[colour_map], top, unit)


def _model(card: ModelCard) -> tuple[str, ...]:
    data = card.training_data
    return (
        f"{card.title} ({card.name}).",
        f"Trained on {_images(data)}: {data.population} ({data.source}; {data.licence}).",
        _performance(card),
        *card.limitations[:1],
    )


def _images(data: TrainingData) -> str:
    return f"{data.images:,} images" if data.images else "images that nobody told of"


def _performance(card: ModelCard) -> str:
    """The area under the ROC curve of exactly these weights, where it was measured."""
    try:
        record = read_evaluation(card.folder / EVALUATION_FILE)
    except CardError:
        return "The record of how well these weights do can't be read."
    first = record.evaluations[0] if record is not None else None
    auc = first.figures.get("auc") if first is not None else None
    if first is None or auc is None or first.weights_sha256 != card.weights.sha256:
        return "How well these weights do has not been measured."
    return (
        f"AUC {auc.value:.3f} (95 % interval {auc.low:.3f} to {auc.high:.3f}) for "
        f"any class but {card.classes[0].label.lower()}, on {sum(first.images.values())} "
        f"{first.split} images fed {first.condition}."
    )
