"""A mean over nothing is no figure: the record holds null for it, and it is shown as undefined."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes import FakeEngine, card_content
from tests.labelled_data import CLASSES
from tools.faithfulness_document import faithfulness_document
from xray_app.__main__ import main
from xray_app.cards.faithfulness_record import FAITHFULNESS_FILE, read_faithfulness, thresholds_of
from xray_app.commands import faithfulness
from xray_app.core.errors import CardError
from xray_app.evaluation import evaluation_text, predictive_rows
from xray_app.evaluation.evaluation import evaluate
from xray_app.evaluation.faithfulness.baselines import BASELINES
from xray_app.evaluation.faithfulness.record import faithfulness_rows
from xray_app.explain.class_activation import CLASS_ACTIVATIONS
from xray_app.explain.registry import EXPLANATIONS


@pytest.fixture
def record(
    engine: FakeEngine, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """What the command writes of a model all of whose maps are empty."""
    monkeypatch.setenv("XRAY_APP_MODELS", str(tmp_path))
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake" / "card.json").write_text(json.dumps(card_content(classes=CLASSES)))
    engine.head = np.zeros_like(engine.head)
    monkeypatch.setattr(faithfulness, "open_engine", lambda name, **_: engine)
    assert main(["faithfulness", str(data), "--images", "4", "--slow-images", "2"]) == 0
    found = read_faithfulness(tmp_path / "fake" / FAITHFULNESS_FILE)
    assert found is not None
    return found


def test_empty_maps_have_no_mean_fraction_outside_the_body(record: dict[str, Any]) -> None:
    outside = {result["method"]: result["outside"] for result in record["results"]}
    assert [outside[method] for method in EXPLANATIONS] == [None] * len(EXPLANATIONS)
    # A uniform image is all body: these maps have evidence, and none of it lies outside.
    assert [outside[m]["value"] for m in BASELINES if m in outside] == [0.0, 0.0]


def test_the_page_and_the_document_say_so(record: dict[str, Any]) -> None:
    shown = {row["Map"]: row["Outside the body"] for row in faithfulness_rows(record)}
    assert shown["Grad-CAM"] == "undefined"
    assert shown["Random map"] == "0%"
    lines = faithfulness_document(record, "").splitlines()
    cover_row, main_row, cascade_row = (x for x in lines if x.startswith("| Grad-CAM | "))
    # There is no train/, so no mean map to be better than.
    assert cover_row.endswith("| undefined | undefined | undefined | undefined |")
    assert main_row.endswith("| no | undefined | undefined |")  # shuffled head, outside the body
    assert cascade_row == "| Grad-CAM | 1 | undefined / undefined (0) |"
    assert [line for line in lines if line.startswith("| Score-CAM | ")][1].endswith(
        "| no | none | undefined |"  # the head is not shuffled for a slow method
    )
    assert "| `caffe` | mismatch | undefined (0) | " in "\n".join(lines)
    assert lines[-3] == "| viral pneumonia | 0 | 0 | 0 | 0 | 0 | undefined |"


def test_empty_maps_give_no_threshold_and_no_warning(record: dict[str, Any]) -> None:
    assert record["placement"]["thresholds"] == dict.fromkeys(CLASS_ACTIVATIONS)
    assert record["placement"]["corner_thresholds"] == dict.fromkeys(CLASS_ACTIVATIONS)
    assert thresholds_of(record, "gradcam") is None
    assert "fed as trained: Grad-CAM undefined and undefined, " in faithfulness_document(record, "")


def test_other_figures_of_a_record_may_not_be_missing(
    record: dict[str, Any], tmp_path: Path
) -> None:
    record["results"][0]["deletion"] = None
    (tmp_path / "record.json").write_text(json.dumps(record))
    with pytest.raises(CardError, match="is not a record"):
        read_faithfulness(tmp_path / "record.json")


def test_a_model_that_never_says_positive_has_no_positive_predictive_value(
    engine: FakeEngine, data: Path
) -> None:
    found = evaluate(engine, data, scheme="rescale", prevalences=[0.1])  # all is dark, so normal
    assert found.model_dump(mode="json")["predictive_values"][0]["positive"] is None
    assert predictive_rows(found)[0]["Diseased if called positive (PPV)"] == "undefined"
    assert "undefined" in evaluation_text(found, engine.card)
