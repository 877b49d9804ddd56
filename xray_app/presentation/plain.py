"""Results as plain values, for JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from xray_app.anatomy import LungsFound, evidence_in
from xray_app.core import FloatArray, GateReport, Prediction, Saliency
from xray_app.core.images import describe
from xray_app.diagnosis import Diagnosis, SchemePass
from xray_app.explain import Mask, place_evidence


def diagnosis_to_dict(diagnosis: Diagnosis, file: str) -> dict[str, Any]:
    """Return plain values, for JSON; figures that are undefined are None."""
    return {
        "file": file,
        "model": diagnosis.model,
        "scheme": diagnosis.scheme,
        "gate": gate_to_dict(diagnosis.gate),
        **_prediction_to_dict(diagnosis.prediction),
        "contract": asdict(diagnosis.contract),
        "geometry": asdict(diagnosis.geometry),
        "input": {"shape": list(diagnosis.input_shape), **asdict(diagnosis.input_statistics)},
        "saliency": _saliency_to_dict(diagnosis.saliency)
        | placement_to_dict(diagnosis.saliency, diagnosis.body)
        | lungs_to_dict(diagnosis.saliency, diagnosis.lungs),
        "provenance": [step.to_dict() for step in diagnosis.provenance],
        "timings_ms": rounded_times(diagnosis.timings_ms),
    }


def gate_to_dict(report: GateReport | None) -> dict[str, Any] | None:
    """Return plain values, for JSON."""
    if report is None:
        return None
    values = asdict(report)
    words = {name: values[name] for name in ("verdict", "finding", "reason", "fix")}
    scores = {name: values[name] for name in ("log_odds", "distance", "margin", "probabilities")}
    return words | {"scores": scores}


def pass_to_dict(scheme_pass: SchemePass) -> dict[str, Any]:
    """Return plain values, for JSON; figures that are undefined are None."""
    array = scheme_pass.model_input.array
    return {
        "scheme": scheme_pass.scheme.name,
        **_prediction_to_dict(scheme_pass.prediction),
        "contract": asdict(scheme_pass.contract),
        "input": {"shape": list(array.shape), **asdict(describe(array))},
        "saliency": _saliency_to_dict(scheme_pass.saliency),
    }


def placement_to_dict(saliency: Saliency, mask: Mask) -> dict[str, Any]:
    """Where the positive evidence lies, for JSON; None where the map is empty."""
    placement = place_evidence(saliency, mask)
    return {"placement": asdict(placement) if placement else None}


def lungs_to_dict(saliency: Saliency, found: LungsFound) -> dict[str, Any]:
    """How much evidence lies in which lung and field, for JSON; None where nothing draws them."""
    if found.lungs is None and not found.doubt:
        return {"lungs": None}
    evidence = evidence_in(saliency, found.lungs) if found.lungs else None
    parts = {"lungs": evidence.lungs, **evidence.fields} if evidence else None
    values = {name: asdict(part) for name, part in parts.items()} if parts else None
    return {"lungs": {"doubt": found.doubt, "evidence": values}}


def rounded_times(times_ms: Mapping[str, float]) -> dict[str, float]:
    """Milliseconds to a hundredth."""
    return {part: round(ms, 2) for part, ms in times_ms.items()}


def _prediction_to_dict(prediction: Prediction) -> dict[str, Any]:
    def by_class(probabilities: FloatArray) -> dict[str, float]:
        return dict(zip(prediction.classes, probabilities.tolist(), strict=True))

    shown = {
        "probabilities": by_class(prediction.probabilities),
        "predicted": prediction.predicted,
        "likely": None if prediction.likely is None else list(prediction.likely),
    }
    if prediction.raw_probabilities is None:
        return shown
    return shown | {"raw_probabilities": by_class(prediction.raw_probabilities)}


def _saliency_to_dict(saliency: Saliency) -> dict[str, Any]:
    return {
        "method": saliency.method,
        "layer": saliency.layer,
        "target": saliency.target,
        "against": saliency.against,
        "peak": saliency.peak,
        "unit": saliency.unit,
    }
