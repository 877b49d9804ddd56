"""Results in forms that leave the app: plain values for JSON, and pictures."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xray_app.core.images.colour import COLOURS, OPACITY, blend
from xray_app.core.images.heatmap import heat_for_display, radiograph_for_display
from xray_app.core.images.histograms import describe
from xray_app.core.records import FloatArray, Prediction, Radiograph, Saliency
from xray_app.diagnosis.diagnosis import Diagnosis
from xray_app.diagnosis.scheme_pass import SchemePass
from xray_app.explain.body import Mask, place_evidence
from xray_app.gate.judge import gate_to_dict


def diagnosis_to_dict(diagnosis: Diagnosis, file: str) -> dict[str, Any]:
    """Return plain values, for JSON; figures that are undefined are None."""
    return {
        "file": file,
        "model": diagnosis.model,
        "scheme": diagnosis.scheme,
        "gate": gate_to_dict(diagnosis.gate),
        **_prediction_to_dict(diagnosis.prediction),
        "contract": asdict(diagnosis.contract),
        "input": {"shape": list(diagnosis.input_shape), **asdict(diagnosis.input_statistics)},
        "saliency": _saliency_to_dict(diagnosis.saliency)
        | placement_to_dict(diagnosis.saliency, diagnosis.body),
        "provenance": [step.to_dict() for step in diagnosis.provenance],
        "timings_ms": rounded_times(diagnosis.timings_ms),
    }


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


def rounded_times(times_ms: Mapping[str, float]) -> dict[str, float]:
    """Milliseconds to a hundredth."""
    return {part: round(ms, 2) for part, ms in times_ms.items()}


def overlay(
    radiograph: Radiograph,
    diagnosis: Diagnosis,
    opacity: float = OPACITY,
    colour_map: str = COLOURS,
) -> NDArray[np.uint8]:
    """The heatmap over the radiograph, (H, W, 3) uint8 with the radiograph's aspect ratio."""
    return overlay_on(radiograph_for_display(radiograph), diagnosis, opacity, colour_map)


def overlay_on(
    display: FloatArray, diagnosis: Diagnosis, opacity: float, colour_map: str
) -> NDArray[np.uint8]:
    """As ``overlay``, on what ``radiograph_for_display`` gave."""
    heat = heat_for_display(diagnosis.saliency, diagnosis.saliency_scale, *display.shape)
    return blend(display, heat, opacity, colour_map)


def _prediction_to_dict(prediction: Prediction) -> dict[str, Any]:
    def by_class(probabilities: FloatArray) -> dict[str, float]:
        return dict(zip(prediction.classes, probabilities.tolist(), strict=True))

    shown = {
        "probabilities": by_class(prediction.probabilities),
        "predicted": prediction.predicted,
    }
    if prediction.raw_probabilities is None:
        return shown
    return shown | {"raw_probabilities": by_class(prediction.raw_probabilities)}


def _saliency_to_dict(saliency: Saliency) -> dict[str, Any]:
    return {
        "method": saliency.method,
        "layer": saliency.layer,
        "target": saliency.target,
        "peak": saliency.peak,
        "unit": saliency.unit,
    }
