"""What was measured of the explanations: the record, and what pages and commands say from it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from xray_app.cards import beats_mean, beats_random, mean_sentence
from xray_app.core import Interval
from xray_app.core.text import Rows, figure_text, interval_text, listed
from xray_app.evaluation.faithfulness.baselines import BASELINES, CENTRE
from xray_app.evaluation.faithfulness.cascading_randomization import RandomizationStep
from xray_app.evaluation.faithfulness.placement import Placements
from xray_app.evaluation.faithfulness.stability import Stability
from xray_app.evaluation.faithfulness.summary import Faithfulness
from xray_app.explain import ALL, EXPLANATIONS


def faithfulness_to_dict(
    results: Sequence[Sequence[Faithfulness]],
    cascading_randomization: Sequence[RandomizationStep],
    stability: Sequence[Stability],
    placement: Placements,
    *,
    model: str,
    command: str,
) -> dict[str, Any]:
    """Plain values, for JSON, with the command that gives them.

    ``results`` are those of the last layer, ``finer`` those of the finer one, if there is one.
    """
    last, *finer = results
    return {
        "format": 3,
        "model": model,
        "images": max(r.images for r in last),
        "command": command,
        "results": [_plain(r) for r in last],
        "finer": [_plain(r) for layer in finer for r in layer],
        "cascading_randomization": [asdict(step) for step in cascading_randomization],
        "stability": [asdict(row) for row in stability],
        "placement": asdict(placement),
    }


def _plain(result: Faithfulness) -> dict[str, Any]:
    verdicts = {"beats_random": result.beats_random, "beats_mean": result.beats_mean}
    return asdict(result) | verdicts


def label_of(method: str) -> str:
    """What people call an explanation or a baseline."""
    return ALL[method].label if method in ALL else BASELINES[method]


def faithfulness_rows(record: dict[str, Any]) -> Rows:
    """How far each map is better than a random one, a row for each."""
    return [
        {
            "Map": label_of(result["method"]),
            "Layer": result.get("layer", "the last"),
            "Images": str(result["images"]),
            "Better than random, deletion": _interval(result, "deletion_gain"),
            "Better than random, insertion": _interval(result, "insertion_gain"),
            "Beats random": "yes" if result["beats_random"] else "no",
            "Lost when covered": _interval(result, "cover"),
            "More than the mean map's": _interval(result, "cover_over_mean"),
            "Outside the body": outside_text(result, ".0%"),
        }
        for result in (*record["results"], *record.get("finer", []))
    ]


def outside_text(result: dict[str, Any], form: str) -> str:
    """The mean fraction of a map's evidence outside the body, "undefined" if every map is empty."""
    outside = result["outside"]
    return figure_text(outside and outside["value"], form)


def blob_sentence(record: dict[str, Any]) -> str:
    """Say which maps of the last layer beat, by both means, a blob that sees no image.

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
    who = f"{listed(better) or 'no map'} {'do' if len(better) > 1 else 'does'}"
    return (
        f"At the last layer {who} better than a blob in the middle of the image, "
        "which looks at nothing: read a map as a hint, not as a finding."
    )


def reservation(record: dict[str, Any] | None, method: str) -> str | None:
    """One sentence against a method, from this model's record; None if there is nothing to say."""
    label = label_of(method)
    beaten = beats_random(record, method)
    if beaten is None:
        return f"{label} was not checked for this model."
    if not beaten:
        return (
            f"For this model, {label} is not shown to beat a random map by both deletion and "
            "insertion (docs/faithfulness.md)."
        )
    return mean_sentence(record, method) if beats_mean(record, method) is False else None


def _interval(result: dict[str, Any], name: str) -> str:
    figure = result.get(name)  # a record of an earlier format lacks some
    return interval_text(Interval(**figure)) if figure else "undefined"
