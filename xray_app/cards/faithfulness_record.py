"""What was measured of the explanations, as it lies beside the weights in JSON."""

import json
from pathlib import Path
from typing import Any

from xray_app.core import CardError

FAITHFULNESS_FILE = "faithfulness.json"
PERCENTILE = 95  # of the validation images, above which a placement is unusual for a model
_RESULT = {"method", "images", "deletion", "insertion", "beats_random", "outside", "randomized"}
_RESULT |= {"deletion_gain", "insertion_gain"}
_INTERVALS = ("deletion", "insertion", "deletion_gain", "insertion_gain", "outside")


def read_faithfulness(path: Path) -> dict[str, Any] | None:
    """Read the record at ``path``; None if there is none.

    Raises:
        CardError: it can't be read, or is not such a record.
    """
    if not path.is_file():
        return None
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        _check(record)
    except OSError as error:
        raise CardError(f"Can't read {path.name}: {error.strerror}.") from error
    except (AttributeError, ValueError, KeyError, TypeError) as error:
        raise CardError(
            f"{path.name} is not a record of how faithful the maps are; run "
            "python -m xray_app faithfulness DATA."
        ) from error
    return record


def beats_random(record: dict[str, Any] | None, method: str) -> bool | None:
    """Whether this model's maps by ``method`` beat a random map; None where nobody measured it."""
    results = record["results"] if record else []
    found: dict[str, bool] = {r["method"]: r["beats_random"] for r in results}
    return found.get(method)


def thresholds_of(record: dict[str, Any] | None, method: str) -> tuple[float, float] | None:
    """Fractions of evidence outside the body and in corners that are unusual.

    Args:
        record: what ``read_faithfulness`` gave.
        method: a key of ``EXPLANATIONS``.

    Returns:
        None if they were not measured, or all maps that they would follow from are empty.
    """
    shortcuts = record["shortcuts"] if record else {"thresholds": {}}
    if shortcuts["thresholds"].get(method) is None:
        return None
    return float(shortcuts["thresholds"][method]), float(shortcuts["corner_thresholds"][method])


def _check(record: dict[str, Any]) -> None:
    """Raise one of the errors that wrong content leads to, unless all is there."""
    for result in record["results"]:
        if set(result) != _RESULT:
            raise ValueError(f"expected the fields {sorted(_RESULT)}, received {sorted(result)}")
        for name in _INTERVALS:
            figure = result[name]
            if name == "outside" and figure is None:  # all maps are empty
                continue
            float(figure["value"]) + float(figure["low"]) + float(figure["high"])
    for method in record["shortcuts"]["thresholds"]:
        thresholds_of(record, method)
