"""What a record of faithfulness says beside a map."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import BUNDLED, ROOT
from xray_app.cards.faithfulness_record import (
    FAITHFULNESS_FILE,
    beats_mean,
    best_first,
    mean_sentence,
    read_faithfulness,
    thresholds_of,
)
from xray_app.core.errors import CardError
from xray_app.evaluation.faithfulness.baselines import BASELINES
from xray_app.evaluation.faithfulness.record import faithfulness_rows, reservation
from xray_app.explain.registry import EXPLANATIONS


def record_of(*rows: tuple[str, str, float, bool | None]) -> dict[str, Any]:
    """A record's results: method, layer, probability lost when covered, beats the mean map."""
    return {
        "results": [
            {
                "method": m,
                "layer": layer,
                "cover": {"value": c},
                "images": 40,
                "beats_mean": b,
                "beats_random": True,
            }
            for m, layer, c, b in rows
        ]
    }


def test_what_is_said_beside_a_map() -> None:
    record = record_of(
        ("gradcam", "last", 0.2, True),
        ("layercam", "last", 0.1, False),
        ("mean", "last", 0.15, False),
    )
    assert mean_sentence(record, "gradcam") == (
        "On 40 test images, covering the top 15 % of maps like this costs 0.20 of the "
        "probability, covering that of the mean map of all training images 0.15."
    )
    assert "not shown that such a map tells more" in str(mean_sentence(record, "layercam", "last"))
    assert mean_sentence(record, "layercam", "another") is None
    assert mean_sentence(None, "gradcam") is None
    assert beats_mean(record, "hirescam") is None


def test_the_mean_map_costs_what_it_costs_on_the_same_images() -> None:
    """Integrated Gradients of the bundled record: 8 images, where the mean map's cost is 0.17."""
    record = record_of(("scorecam", "last", 0.14, False), ("mean", "last", 0.09, False))
    own = record["results"][0]
    own["images"] = 8
    assert mean_sentence(record, "scorecam") is None  # 0.09 is of 40 images
    own["cover_over_mean"] = {"value": -0.03, "low": -0.17, "high": 0.09}
    said = str(mean_sentence(record, "scorecam"))
    assert said.startswith("On 8 test images,")
    assert "all training images 0.17: on so many images it is not shown" in said
    own |= {"beats_mean": True, "cover": {"value": 0.28}}
    own["cover_over_mean"] = {"value": 0.1, "low": 0.05, "high": 0.15}
    said = str(mean_sentence(record, "scorecam"))
    assert said.startswith("On 8 test images,")
    assert said.endswith("costs 0.28 of the probability, covering that of the mean map of all "
                         "training images 0.18.")  # fmt: skip


def test_the_order_is_by_the_lower_end_over_the_mean_map() -> None:
    """A method of few images loses most when covered, and is less sure to beat the mean map."""
    record = record_of(
        ("scorecam", "last", 0.40, True), ("gradcam", "last", 0.20, True),
        ("layercam", "last", 0.50, True), ("mean", "last", 0.15, False),
    )  # fmt: skip
    for result, low in zip(record["results"], (0.01, 0.05), strict=False):
        result["cover_over_mean"] = {"value": 0.1, "low": low, "high": 0.5}
    order = best_first(record, ("layercam", "scorecam", "gradcam"))
    assert order == ("gradcam", "scorecam", "layercam")  # of layercam no interval is known


def test_the_method_that_wins_is_offered_first() -> None:
    record = record_of(
        ("gradcam", "last", 0.20, True), ("layercam", "last", 0.25, True),
        ("gradcam++", "last", 0.30, False), ("mean", "last", 0.15, False),
    )  # fmt: skip
    methods = ("gradcam", "gradcam++", "layercam", "hirescam")
    assert best_first(record, methods) == ("layercam", "gradcam", "gradcam++", "hirescam")
    assert best_first(None, methods) == methods


def test_reservations() -> None:
    record = json.loads((ROOT / "models" / BUNDLED / FAITHFULNESS_FILE).read_text())
    assert reservation(None, "gradcam") == "Grad-CAM was not checked for this model."
    for result in record["results"]:
        result["beats_random"] = result["method"] == "hirescam"
        result["beats_mean"] = None
    assert reservation(record, "hirescam") is None
    assert reservation(record, "layercam") == (
        "For this model, LayerCAM is not shown to beat a random map by both deletion and insertion "
        "(docs/faithfulness.md)."
    )
    record["results"] = [r for r in record["results"] if r["method"] != "layercam"]
    assert "not checked" in str(reservation(record, "layercam"))
    assert thresholds_of(None, "gradcam") is None
    assert thresholds_of(record, "scorecam") is None


def test_a_broken_record_is_one_sentence(tmp_path: Path) -> None:
    assert read_faithfulness(tmp_path / "none.json") is None
    broken = {
        "{}": "broken.json is not a record",
        '{"results": [{"method": "nope"}]}': "broken.json is not a record",
        "no json": "broken.json is not JSON",
        "[" * 100_000: "broken.json is not JSON",
    }
    for content, sentence in broken.items():
        (tmp_path / "broken.json").write_text(content)
        with pytest.raises(CardError, match=sentence):
            read_faithfulness(tmp_path / "broken.json")


def test_the_bundled_record_is_of_all_methods() -> None:
    record = json.loads((ROOT / "models" / BUNDLED / FAITHFULNESS_FILE).read_text())
    assert {row["method"] for row in record["results"]} == {*EXPLANATIONS, *BASELINES}


def test_a_record_of_the_earlier_format_is_shown(tmp_path: Path) -> None:
    """Without layers, covering and the mean map, as other people's models have it."""
    figure = {"value": 0.1, "low": 0.0, "high": 0.2}
    names = ("deletion", "insertion", "deletion_gain", "insertion_gain", "outside")
    result = dict.fromkeys(names, figure) | {
        "method": "gradcam", "images": 4, "beats_random": True, "randomized": 0.0
    }  # fmt: skip
    old = {
        "images": 4,
        "results": [result],
        "shortcuts": {"thresholds": {"gradcam": 0.3}, "corner_thresholds": {"gradcam": 0.4}},
    }
    (tmp_path / FAITHFULNESS_FILE).write_text(json.dumps(old))
    record = read_faithfulness(tmp_path / FAITHFULNESS_FILE)
    (row,) = faithfulness_rows(record or {})
    assert (row["Lost when covered"], row["Beats random"]) == ("undefined", "yes")
    assert thresholds_of(record, "gradcam") == (0.3, 0.4)
    assert mean_sentence(record, "gradcam") is None
