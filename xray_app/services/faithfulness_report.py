"""What was measured of the explanations: the record, and what pages and commands say from it."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from xray_app.core.classifier_metrics import Interval
from xray_app.core.errors import CardError, first_line
from xray_app.explain.registry import EXPLANATIONS
from xray_app.services.cascade import CascadeStep
from xray_app.services.evaluation_text import Rows, interval_text
from xray_app.services.faithfulness import BASELINES, CENTRE, Faithfulness
from xray_app.services.passes import DEFAULT_EXPLANATION
from xray_app.services.shortcuts import Shortcuts
from xray_app.services.stability import Stability

FAITHFULNESS_FILE = "faithfulness.json"


def faithfulness_to_dict(
    results: Sequence[Faithfulness],
    cascade: Sequence[CascadeStep],
    stability: Sequence[Stability],
    shortcuts: Shortcuts,
    *,
    model: str,
    command: str,
) -> dict[str, Any]:
    """Plain values, for JSON, with the command that gives them."""
    return {
        "format": 2,
        "model": model,
        "images": max(r.images for r in results),
        "command": command,
        "results": [asdict(r) | {"beats_random": r.beats_random} for r in results],
        "cascade": [asdict(step) for step in cascade],
        "stability": [asdict(row) for row in stability],
        "shortcuts": asdict(shortcuts),
    }


def read_faithfulness(path: Path) -> dict[str, Any] | None:
    """Read the record at ``path``; None if there is none.

    Raises:
        CardError: it can't be read, or is not such a record.
    """
    if not path.is_file():
        return None
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        faithfulness_rows(record)
        thresholds_of(record, DEFAULT_EXPLANATION)
    except OSError as error:
        raise CardError(f"Can't read {path.name}: {first_line(error)}.") from error
    except (AttributeError, ValueError, KeyError, TypeError) as error:
        raise CardError(
            f"{path.name} is not a record of how faithful the maps are; run "
            "python -m xray_app faithfulness DATA."
        ) from error
    return record


def label_of(method: str) -> str:
    """What people call an explanation or a baseline."""
    return EXPLANATIONS[method].label if method in EXPLANATIONS else BASELINES[method]


def faithfulness_rows(record: dict[str, Any]) -> Rows:
    """How far each map is better than a random one, a row for each."""
    return [
        {
            "Map": label_of(result["method"]),
            "Images": str(result["images"]),
            "Better than random, deletion": _interval(result, "deletion_gain"),
            "Better than random, insertion": _interval(result, "insertion_gain"),
            "Beats random": "yes" if result["beats_random"] else "no",
            "Outside the body": f"{result['outside']['value']:.0%}",
        }
        for result in record["results"]
    ]


def blob_sentence(record: dict[str, Any]) -> str:
    """Say which maps are better, by both means, than a blob in the middle that sees no image.

    Maps of methods that were judged on fewer images are left out: theirs is another comparison.
    """
    by_method = {result["method"]: result for result in record["results"]}
    blob = by_method[CENTRE]
    better = [
        EXPLANATIONS[method].label
        for method, result in by_method.items()
        if method in EXPLANATIONS
        and result["images"] == blob["images"]
        and result["deletion"]["value"] < blob["deletion"]["value"]
        and result["insertion"]["value"] > blob["insertion"]["value"]
    ]
    who = f"{' and '.join(better) or 'No map'} {'do' if len(better) > 1 else 'does'}"
    return (
        f"{who} better than a blob in the middle of the image, "
        "which looks at nothing: read a map as a hint, not as a finding."
    )


def beats_random(record: dict[str, Any] | None, method: str) -> bool | None:
    """Whether this model's maps by ``method`` beat a random map; None where nobody measured it."""
    results = record["results"] if record else []
    found: dict[str, bool] = {r["method"]: r["beats_random"] for r in results}
    return found.get(method)


def reservation(record: dict[str, Any] | None, method: str) -> str | None:
    """One sentence against a method, from this model's record; None if there is nothing to say."""
    label = label_of(method)
    beaten = beats_random(record, method)
    if beaten is None:
        return f"{label} was not checked for this model."
    if not beaten:
        return f"For this model, {label} did no better than a random map (docs/faithfulness.md)."
    return None


def thresholds_of(record: dict[str, Any] | None, method: str) -> tuple[float, float] | None:
    """Shares of evidence outside the body and in corners that are unusual; None if not measured."""
    shortcuts = record["shortcuts"] if record else {"thresholds": {}}
    if method not in shortcuts["thresholds"]:
        return None
    return float(shortcuts["thresholds"][method]), float(shortcuts["corner_thresholds"][method])


def _interval(result: dict[str, Any], name: str) -> str:
    return interval_text(Interval(**result[name]))
