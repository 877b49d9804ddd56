"""Figures of a labelled batch, and its table in memory; expected numbers worked out by hand."""

import csv
import io

import pyarrow.parquet as pq
import pytest

from tests.fakes import fake_card
from xray_app.batch.labelled import LabelledFigures, label_figures, read_labels
from xray_app.batch.rows import Row, columns
from xray_app.batch.table import table_bytes
from xray_app.core.errors import InputError

CLASSES = [
    {"name": "normal", "label": "Normal", "folders": ["NORMAL"]},
    {"name": "bacterial_pneumonia", "label": "Bacterial pneumonia", "folders": ["BACTERIA"]},
    {"name": "viral_pneumonia", "label": "Viral pneumonia", "folders": ["VIRUS"]},
]
CARD = fake_card(classes=CLASSES)


def row(name: str, *raw: float, gate: str | None = "open", **fields: object) -> Row:
    given: dict[str, object] = {"id": "0-1", "frame": 1, "frames": 1, "model": "m", "scheme": "raw"}
    if raw:
        given |= {"raw_probabilities": raw, "probabilities": raw, "gate_verdict": gate}
    else:
        given |= {"error": "Expected an image, received none."}
    return Row(name=name, **(given | fields))


ROWS = [
    row("n1.png", 0.8, 0.1, 0.1),
    row("n2.png", 0.4, 0.5, 0.1),  # the one that is wrong
    row("b1.png", 0.1, 0.8, 0.1),
    row("b2.png", 0.5, 0.3, 0.2, gate="closed"),  # wrong too
    row("v1.png", 0.2, 0.2, 0.6),
    row("broken.png"),
    row("other.png", 0.1, 0.8, 0.1),
]
LABELS = (
    b"\xef\xbb\xbfName,age,LABEL\r\nn1.png,3,NORMAL\r\nfolder/n2.png,4,normal\r\n"
    b"b1.png,,BACTERIA\r\nb2.png,,Bacterial pneumonia\r\nv1.png,,virus\r\n"
    b"broken.png,,NORMAL\r\nnowhere.png,,VIRUS\r\n"
)


def figures_of(rows: list[Row], labels: bytes = LABELS) -> LabelledFigures:
    return label_figures(rows, read_labels(labels, CARD), CARD)


def test_classes_that_do_not_exclude_each_other_are_not_measured() -> None:
    card = fake_card(classes=CLASSES, outputs="sigmoid")
    with pytest.raises(InputError, match=r"exclude each other .* aren't measured here\."):
        label_figures(ROWS, read_labels(LABELS, card), card)


def test_labels_are_read_as_people_write_them() -> None:
    assert read_labels(LABELS, CARD) == {
        "n1.png": 0, "n2.png": 0, "b1.png": 1, "b2.png": 1, "v1.png": 2,
        "broken.png": 0, "nowhere.png": 2,
    }  # fmt: skip
    semicolons = LABELS.replace(b",", b";")
    assert read_labels(semicolons, CARD) == read_labels(LABELS, CARD)


def test_figures_are_of_the_rows_with_a_label_and_a_prediction() -> None:
    found = figures_of(ROWS)
    assert (found.images, found.closed, found.unscored, found.unmatched, found.ambiguous) == (
        5, 1, 1, 1, 0,
    )  # fmt: skip
    evaluation = found.evaluation
    assert evaluation.confusion == ((1, 1, 0), (1, 1, 0), (0, 0, 1))
    assert evaluation.images == {"normal": 2, "bacterial_pneumonia": 2, "viral_pneumonia": 1}
    # Any pneumonia: n1 0.2, n2 0.6; b1 0.9, b2 0.5, v1 0.8. Of 6 pairs 5 are in order.
    assert evaluation.figures["auc"].value == pytest.approx(5 / 6, abs=1e-4)
    assert evaluation.figures["all_classes_accuracy"].value == pytest.approx(0.6)
    assert evaluation.figures["sensitivity"].value == pytest.approx(1.0)  # b2 is just at 0.5
    assert evaluation.figures["specificity"].value == pytest.approx(0.5)
    low, high = evaluation.figures["all_classes_accuracy"].low, evaluation.figures["auc"].high
    assert low < 0.6 < high


def test_a_calibration_is_applied_to_what_the_model_said() -> None:
    calibration = {"method": "temperature", "temperatures": [2.0], "fitted_on": "x", "command": "x"}
    card = fake_card(classes=CLASSES, calibration=calibration)
    found = label_figures(ROWS, read_labels(LABELS, card), card).evaluation
    plain = figures_of(ROWS).evaluation
    assert found.figures["brier_raw"] == plain.figures["brier_raw"] == plain.figures["brier"]
    assert found.figures["brier"] != found.figures["brier_raw"]


def test_every_frame_has_its_files_label() -> None:
    frames = [row("n1.png", 0.7, 0.2, 0.1, frame=2, frames=2)]
    assert figures_of(ROWS + frames).images == 6


def test_a_name_of_several_files_is_left_out() -> None:
    found = figures_of([*ROWS, row("n1.png (2)", 0.1, 0.8, 0.1)])
    assert (found.images, found.ambiguous) == (4, 1)
    both = LABELS + b"n1.png (2),,NORMAL\r\n"
    assert figures_of([*ROWS, row("n1.png (2)", 0.1, 0.8, 0.1)], both).images == 6


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Expected the columns name and label in the first line, received none"),
        (b"a,b\n1,2\n", "received a, b; rename them"),
        (b"name,label\n", "received none below the header"),
        (b"name,label\na.png\n", "received line 2 with another number"),
        (b"name,label\na.png,normal,1\n", "received line 2 with another number"),
        (b"name,label\na.png,normal\nb.png,ill\n", "in line 3, received 'ill'"),
        (b"name,label\na.png,normal\na.png,virus\n", "two for that of line 3"),
        (b'name,label\n"a.png,normal\n', "received another kind of file"),
        (b"\x89PNG\r\n\xff", "received another kind of file"),
        (b"name,label\n" + bytes(6_000_000), "at most 5 MB"),
    ],
)
def test_a_wrong_file_is_one_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as error:
        read_labels(content, CARD)
    assert "\n" not in str(error.value)


def test_labels_that_give_no_figures() -> None:
    with pytest.raises(InputError, match="received none such among 7"):
        figures_of([row("x.png", 0.1, 0.8, 0.1)])
    with pytest.raises(InputError, match="could be read, received none"):
        figures_of([row("n1.png")])
    with pytest.raises(InputError, match="found none of Viral pneumonia"):
        figures_of(ROWS[:4])


def test_the_table_in_memory_is_the_same_in_both_formats() -> None:
    names = [column.name for column in columns(CARD.class_names)]
    lines = list(csv.DictReader(io.StringIO(table_bytes(".csv", ROWS, CARD, "raw").decode())))
    assert list(lines[0]) == names
    table = pq.read_table(io.BytesIO(table_bytes(".parquet", ROWS, CARD, "raw")))
    assert table.column_names == names
    assert table.schema.metadata[b"scheme"] == b"raw"
    assert [line["name"] for line in lines] == table["name"].to_pylist()
    assert [line["probability_normal"] for line in lines] == [
        "" if value is None else str(value) for value in table["probability_normal"].to_pylist()
    ]
    empty = pq.read_table(io.BytesIO(table_bytes(".parquet", [], CARD, "raw")))
    assert (empty.num_rows, empty.column_names) == (0, names)
