"""What is said of how an image was fitted into the model's input."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from xray_app.core import ContractReport
from xray_app.core.images import FITS, KERNELS, Geometry, GeometryEffect
from xray_app.diagnosis import GeometryComparison, GeometryPass
from xray_app.presentation.plain import pass_to_dict


def fit_sentence(effect: GeometryEffect, contract: ContractReport) -> str | None:
    """Say what differs from how training fitted images; None where nothing does.

    Args:
        effect: of this image.
        contract: of its values, compared with the same fit.
    """
    if effect.is_trained:
        return None
    if contract.verdict == "matches":
        return f"Right scale, but {effect.message} Read the prediction with caution."
    return f"The fit is another, too: {effect.message}"


def geometry_label(geometry: Geometry, trained: Geometry) -> str:
    """A few words for one fit beside that of training."""
    if geometry == trained:
        return "As trained"
    words = []
    if (geometry.fit, geometry.resize_to) != (trained.fit, trained.resize_to):
        words.append(FITS[geometry.fit].label)
    elif geometry.pad_value != trained.pad_value:
        words.append(f"Padded with {geometry.pad_value:g}")
    if geometry.kernel != trained.kernel:
        words.append(KERNELS[geometry.kernel])
    if geometry.antialias != trained.antialias and geometry.kernel not in ("nearest", "area"):
        words.append("antialiased" if geometry.antialias else "not antialiased")
    said = ", ".join(words)
    return said[0].upper() + said[1:]


def geometry_sentence(comparison: GeometryComparison, labels: Mapping[str, str]) -> str:
    """Say which other fits, and which other kernels, change the class.

    Args:
        comparison: at least one fit beside that of training.
        labels: the classes' labels by name.
    """
    trained = comparison.trained
    others = comparison.passes[1:]
    fit = _placing(trained.effect.geometry)
    fits = [p for p in others if _placing(p.effect.geometry) != fit]
    kernels = [p for p in others if _placing(p.effect.geometry) == fit]
    before = trained.scheme_pass.prediction
    said = f"{labels[before.predicted]} {before.top_probability:.2f} as trained"
    parts = [_effect("fits", fits, labels)] if fits else []
    parts += [_effect("ways to resample", kernels, labels)] if kernels else []
    return f"Geometry: {said}; {'; '.join(parts)}."


def _placing(geometry: Geometry) -> tuple[str, int | None, float]:
    """Where the image comes to lie and what surrounds it; the rest of a fit resamples."""
    return geometry.fit, geometry.resize_to, geometry.pad_value


def _effect(what: str, passes: Iterable[GeometryPass], labels: Mapping[str, str]) -> str:
    every = list(passes)
    turned = [p for p in every if p.flips]
    if not turned:
        return f"none of {len(every)} other {what} changes the class"
    named = ", ".join(
        f"{labels[p.scheme_pass.prediction.predicted]} when "
        f"{geometry_label(p.effect.geometry, p.effect.trained).lower()}"
        for p in turned
    )
    changes = "changes" if len(turned) == 1 else "change"
    return f"{len(turned)} of {len(every)} other {what} {changes} the class: {named}"


def geometry_text(comparison: GeometryComparison, labels: Mapping[str, str]) -> str:
    """The fits for a terminal, a line each."""
    lines = []
    for one in comparison.passes:
        prediction = one.scheme_pass.prediction
        label = geometry_label(one.effect.geometry, one.effect.trained)
        found = f"{labels[prediction.predicted].lower()} {prediction.top_probability:.2f}"
        lines.append(f"{label:<26}{found:<28}{one.effect.message}")
    return "\n".join(lines)


def geometries_to_dict(comparison: GeometryComparison) -> list[dict[str, Any]]:
    """Return plain values, for JSON, a fit each."""
    return [
        {"geometry": asdict(one.effect), "flips": one.flips} | pass_to_dict(one.scheme_pass)
        for one in comparison.passes
    ]
