"""What was measured of the explanations, as it lies beside the weights in JSON."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from xray_app.core import CardError, read_json

FAITHFULNESS_FILE = "faithfulness.json"
PERCENTILE = 95  # of the validation images, above which a placement is unusual for a model
_RESULT = {"method", "images", "deletion", "insertion", "beats_random", "outside", "randomized"}
_RESULT |= {"deletion_gain", "insertion_gain"}
_INTERVALS = ("deletion", "insertion", "deletion_gain", "insertion_gain", "outside")
COVERED_PERCENT = 15  # of the image, which is covered where a map is highest
_MEAN = "mean"  # the mean map of the training images, among a record's results


def read_faithfulness(path: Path) -> dict[str, Any] | None:
    """Read the record at ``path``; None if there is none.

    Raises:
        CardError: it can't be read, or is not such a record.
    """
    if not path.is_file():
        return None
    record: dict[str, Any] = read_json(path, what="record of faithfulness")
    try:
        _check(record)
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


def beats_mean(record: dict[str, Any] | None, method: str, layer: str | None = None) -> bool | None:
    """Whether covering the places of ``method`` costs more than covering those of the mean map.

    Args:
        record: what ``read_faithfulness`` gave.
        method: a key of ``EXPLANATIONS``.
        layer: at which it looks; None is the last.

    Returns:
        None where nobody measured it.
    """
    own, _ = _with_mean(record, method, layer)
    found: bool | None = own.get("beats_mean")
    return found


def mean_sentence(
    record: dict[str, Any] | None, method: str, layer: str | None = None
) -> str | None:
    """Say what this model's maps are worth beside one map that is the same for all images.

    Args:
        record: as ``beats_mean``.
        method: as ``beats_mean``.
        layer: as ``beats_mean``.

    Returns:
        None where nobody measured it.
    """
    own, blind = _with_mean(record, method, layer)
    cost = _mean_cost(own, blind)
    if cost is None:
        return None
    costs = (
        f"On {own['images']} test images, covering the top {COVERED_PERCENT} % of maps like this "
        f"costs {own['cover']['value']:.2f} of the probability, covering that of the mean map of "
        f"all training images {cost:.2f}"
    )
    if own["beats_mean"]:
        return f"{costs}."
    return (
        f"{costs}: on so many images it is not shown that such a map tells more than where the "
        "model finds evidence in any image."
    )


def _mean_cost(own: dict[str, Any], blind: dict[str, Any]) -> float | None:
    """What covering the mean map's places costs on the images that the method was judged on.

    A slow method is judged on few images, so the mean map's own figure, of all, is another's.

    Returns:
        None where nobody measured it, or on other images only.
    """
    if own.get("beats_mean") is None:
        return None
    over = own.get("cover_over_mean")
    if over is not None:
        return float(own["cover"]["value"]) - float(over["value"])
    same = bool(blind) and own["images"] == blind["images"]
    return float(blind["cover"]["value"]) if same else None


def best_first(record: dict[str, Any] | None, methods: Iterable[str]) -> tuple[str, ...]:
    """The methods by how much more covering their places costs than covering the mean map's.

    Those that beat the mean map come first; in either group the lower end of the 95 % interval
    counts, so that a method judged on few images isn't first by luck. A record of an earlier format
    has no such interval: its methods follow those with one, by what covering costs. Methods of
    which nobody measured it keep their order behind the others.
    """

    def rank(method: str) -> tuple[int, int, float]:
        found, _ = _with_mean(record, method, None)
        if found.get("beats_mean") is None:
            return 2, 0, 0.0
        over = found.get("cover_over_mean")
        sure = float(found["cover"]["value"]) if over is None else float(over["low"])
        return int(not found["beats_mean"]), int(over is None), -sure

    return tuple(sorted(methods, key=rank))


def _with_mean(
    record: dict[str, Any] | None, method: str, layer: str | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was measured of a method at a layer, and of the mean map there; empty if nothing."""
    record = record or {}
    for results in (record.get("results", []), record.get("finer", [])):
        by_method = {result["method"]: result for result in results}
        own = by_method.get(method, {})
        if own and layer in (None, own.get("layer")):
            return own, by_method.get(_MEAN, {})
    return {}, {}


def thresholds_of(record: dict[str, Any] | None, method: str) -> tuple[float, float] | None:
    """Fractions of evidence outside the body and in corners that are unusual.

    Args:
        record: what ``read_faithfulness`` gave.
        method: a key of ``EXPLANATIONS``.

    Returns:
        None if they were not measured, or all maps that they would follow from are empty.
    """
    placement = _placement(record) if record else {"thresholds": {}}
    if placement["thresholds"].get(method) is None:
        return None
    return float(placement["thresholds"][method]), float(placement["corner_thresholds"][method])


def _placement(record: dict[str, Any]) -> dict[str, Any]:
    """Where the maps' evidence lies; a record of an earlier format calls it otherwise."""
    found: dict[str, Any] = record["placement"] if "placement" in record else record["shortcuts"]
    return found


def _check(record: dict[str, Any]) -> None:
    """Raise one of the errors that wrong content leads to, unless all is there."""
    for result in (*record["results"], *record.get("finer", [])):
        if not set(result) >= _RESULT:
            raise ValueError(f"expected the fields {sorted(_RESULT)}, received {sorted(result)}")
        for name in _INTERVALS:
            figure = result[name]
            if name == "outside" and figure is None:  # all maps are empty
                continue
            float(figure["value"]) + float(figure["low"]) + float(figure["high"])
        if result.get("beats_mean") is not None:
            float(result["cover"]["value"])
            if (over := result.get("cover_over_mean")) is not None:
                float(over["value"]) + float(over["low"])
    for method in _placement(record)["thresholds"]:
        thresholds_of(record, method)
