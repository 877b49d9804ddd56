"""How sensitive a result is to the window or to post-processing, in sentences and plain values."""

from typing import Any

from xray_app.cards import ModelCard
from xray_app.diagnosis import Sensitivity, Sweep


def sensitivity_sentence(card: ModelCard, found: Sensitivity) -> str:
    """Say whether another window, gamma or clipping would have changed the class."""
    label = card.label(found.predicted)
    changed = [sweep for sweep in found.sweeps if sweep.changes]
    if not changed:
        names = " and ".join(f"{sweep.name} {_span(sweep)}" for sweep in found.sweeps)
        return f"The class stays {label} over all that was tried: {names}."
    return " ".join(_change(card, sweep, label) for sweep in changed)


def _change(card: ModelCard, sweep: Sweep, label: str) -> str:
    low, high = sweep.stays
    names = (card.class_names[i] for i in sweep.probabilities.argmax(axis=1))
    others = list(dict.fromkeys(card.label(n) for n in names if card.label(n) != label))
    where, again = "only", ""
    if sweep.returns:
        where, again = "around the present value", f", and beyond that {label} again"
    return (
        f"The class is {label} for a {sweep.name} from {low:.4g} to {high:.4g} {where} (now "
        f"{sweep.present:.4g}); beyond, of {_span(sweep)}, it becomes {' or '.join(others)}{again}."
    )


def _span(sweep: Sweep) -> str:
    return f"{sweep.values[0]:.4g} to {sweep.values[-1]:.4g}"


def sensitivity_to_dict(card: ModelCard, found: Sensitivity) -> dict[str, Any]:
    """Return plain values, for JSON."""
    return {
        "predicted": found.predicted,
        "sweeps": [
            {
                "name": sweep.name,
                "unit": sweep.unit,
                "present": sweep.present,
                "values": sweep.values.tolist(),
                "probabilities": {
                    name: sweep.probabilities[:, i].tolist()
                    for i, name in enumerate(card.class_names)
                },
                "stays": list(sweep.stays),
                "marks": [{"label": mark.label, "value": mark.value} for mark in sweep.marks],
            }
            for sweep in found.sweeps
        ],
    }
