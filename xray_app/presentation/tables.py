"""A comparison as plain values, for JSON and CSV."""

import csv
import io
from dataclasses import asdict
from typing import Any

from xray_app.diagnosis import Comparison
from xray_app.presentation.plain import (
    gate_to_dict,
    lungs_to_dict,
    pass_to_dict,
    placement_to_dict,
    rounded_times,
)


def comparison_to_dict(comparison: Comparison, file: str) -> dict[str, Any]:
    """Return plain values, for JSON."""
    schemes = []
    for row in comparison.rows:
        found = pass_to_dict(comparison.passes[row.scheme])
        found["saliency"] |= placement_to_dict(
            comparison.passes[row.scheme].saliency, comparison.body
        ) | lungs_to_dict(comparison.passes[row.scheme].saliency, comparison.lungs)
        schemes.append({**found, **asdict(row)})
    return {
        "file": file,
        "model": comparison.model,
        "trained_scheme": comparison.trained_scheme,
        "gate": gate_to_dict(comparison.gate),
        "geometry": asdict(comparison.geometry),
        "schemes": schemes,
        "timings_ms": rounded_times(comparison.timings_ms),
    }


def comparison_to_csv(comparison: Comparison) -> str:
    """Return one line a scheme, with a header; undefined figures are empty."""
    buffer = io.StringIO()
    fields = [name for name in asdict(comparison.rows[0]) if name != "range"]
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*fields, "min", "max"])
    for row in comparison.rows:
        values = asdict(row)
        writer.writerow([*(values[name] for name in fields), *row.range])
    return buffer.getvalue()
