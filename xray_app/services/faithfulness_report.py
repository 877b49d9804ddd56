"""What was measured of the explanations, as plain values, as a document, and as a command."""

import argparse
import json
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from xray_app.core.classifier_metrics import Interval
from xray_app.core.errors import CardError, InputError
from xray_app.engines.catalogue import list_models, models_directory, open_engine
from xray_app.explain.class_activation import EXPLANATIONS
from xray_app.services.evaluation_commands import terminal_progress
from xray_app.services.evaluation_text import Rows, interval_text
from xray_app.services.faithfulness import BASELINES, CENTRE, Faithfulness, faithfulness
from xray_app.services.json_text import json_text

FAITHFULNESS_FILE = "faithfulness.json"


def add_faithfulness_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``faithfulness``."""
    parser.add_argument("data", metavar="DATA", type=Path, help="folder or zip: split/CLASS/file")
    parser.add_argument("--model", metavar="M", help="model name (default: the first installed)")
    parser.add_argument("--images", type=int, default=100, metavar="N", help="test images [100]")
    parser.add_argument("--document", type=Path, metavar="OUT.md", help="write a document as well")


def run_faithfulness_command(options: argparse.Namespace) -> dict[str, Any]:
    """Judge the explanations as the parsed options say and write the record.

    Progress goes to standard error.

    Returns:
        The record, as it was written.

    Raises:
        XrayAppError: as ``faithfulness``.
    """
    name = options.model or list_models()[0]
    with closing(open_engine(name)) as engine:
        results = faithfulness(engine, options.data, options.images, terminal_progress)
    record = faithfulness_to_dict(results, name, options.data.name)
    try:
        path = models_directory() / name / FAITHFULNESS_FILE
        path.write_text(json_text(record), encoding="utf-8")
        if options.document:
            options.document.write_text(faithfulness_markdown(record), encoding="utf-8")
    except OSError as error:
        raise InputError(f"Can't write what was measured: {error.strerror}.") from error
    return record


def faithfulness_to_dict(
    results: tuple[Faithfulness, ...], model: str, data: str
) -> dict[str, Any]:
    """Plain values, for JSON, with the command that gives them."""
    count = results[0].images
    return {
        "format": 1,
        "model": model,
        "images": count,
        "command": f"python -m xray_app faithfulness {data} --model {model} --images {count}",
        "results": [asdict(r) | {"beats_random": r.beats_random} for r in results],
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
    except OSError as error:
        raise CardError(f"Can't read {path.name}: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise CardError(
            f"{path.name} is not a record of how faithful the maps are; run "
            "python -m xray_app faithfulness DATA."
        ) from error
    return record


def faithfulness_rows(record: dict[str, Any]) -> Rows:
    """How far each map is better than a random one, a row for each."""
    return [
        {
            "Map": row[0],
            "Better than random, deletion": row[3],
            "Better than random, insertion": row[4],
            "Beats random": row[5],
        }
        for row in map(_row, record["results"])
    ]


def blob_sentence(record: dict[str, Any]) -> str:
    """Say which maps are better, by both means, than a blob in the middle that sees no image."""
    by_method = {result["method"]: result for result in record["results"]}
    blob = by_method[CENTRE]
    better = [
        EXPLANATIONS[method].label
        for method, result in by_method.items()
        if method in EXPLANATIONS
        and result["deletion"]["value"] < blob["deletion"]["value"]
        and result["insertion"]["value"] > blob["insertion"]["value"]
    ]
    return (
        f"{' and '.join(better) or 'No map'} does better than a blob in the middle of the image, "
        "which looks at nothing: read a map as a hint, not as a finding."
    )


def faithfulness_markdown(record: dict[str, Any]) -> str:
    """The document, made from the record."""
    head = (
        "Map", "Deletion, low is good", "Insertion, high is good", "Deletion gain over random",
        "Insertion gain over random", "Beats random", "Correlation after shuffling",
    )  # fmt: skip
    rows = [head, ("---",) * len(head), *(_row(result) for result in record["results"])]
    return "\n".join(
        [
            "# Do the heatmaps show what the model uses?",
            "",
            f"Made by `{record['command']}`; don't edit. {record['images']} test images, the last "
            "layer, the predicted class, fed as trained; 95 % bootstrap intervals.",
            "",
            *(f"| {' | '.join(row)} |" for row in rows),
            "",
            blob_sentence(record),
            "",
            "Deletion blurs the highest places of the map first, insertion restores them first in "
            "a blurred image (Petsiuk et al. 2018); the figure is the area under the class's "
            "probability. A map beats random if both gains lie above 0 with their intervals. The "
            "last column is the rank correlation with the map after the last layer's weights were "
            "shuffled (Adebayo et al. 2018): near 0 is sound; near 1, the map hardly depends on "
            "what the last layer learned.",
            "",
        ]
    )


def _row(result: dict[str, Any]) -> tuple[str, ...]:
    method, shuffled = result["method"], result["randomized"]
    return (
        EXPLANATIONS[method].label if method in EXPLANATIONS else BASELINES[method],
        *(
            interval_text(Interval(**result[name]))
            for name in ("deletion", "insertion", "deletion_gain", "insertion_gain")
        ),
        "yes" if result["beats_random"] else "no",
        "" if shuffled is None else f"{shuffled:.2f}",
    )
