"""Artefact or evidence, on an engine whose evidence is known and on one with a register."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.fakes import CELLS, SIZE, FakeEngine, card_content, fake_card
from xray_app.__main__ import main
from xray_app.cards.artefacts_record import ARTEFACTS_FILE, ArtefactName, ArtefactTest
from xray_app.commands import heatmaps
from xray_app.core.classifier_metrics import Interval
from xray_app.core.records import FloatArray
from xray_app.engines.protocol import Forward
from xray_app.evaluation.artefacts import measure
from xray_app.evaluation.artefacts.images import Answers, answers, covered, surrounded
from xray_app.evaluation.artefacts.measure import measure_artefacts
from xray_app.evaluation.artefacts.words import artefact_rows, sentence, verdict_of
from xray_app.explain.body import body_mask

CLASSES = [{"name": n, "label": n} for n in ("normal", "bacterial_pneumonia", "viral_pneumonia")]
STEP = SIZE // CELLS


def spotted(cell: int) -> FloatArray:
    """A gray that says nothing to the fake, textured, with one bright cell."""
    pixels = np.full((SIZE, SIZE), 120, np.uint8)
    pixels[::2] += 14
    row, column = divmod(cell, CELLS)
    pixels[row * STEP : (row + 1) * STEP, column * STEP : (column + 1) * STEP] = 255
    return pixels


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "spots.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for cell in range(CELLS**2):
            buffer = io.BytesIO()
            Image.fromarray(spotted(cell)).save(buffer, "PNG")
            name = f"test/bacterial_pneumonia/person{cell}_bacteria_1.png"
            archive.writestr(name, buffer.getvalue())
    return path


class Registered(FakeEngine):
    """Keeps what the whole image says in the upper right cell, as a register does."""

    def forward(self, batch: FloatArray) -> Forward:
        found = super().forward(batch)
        activations = found.activations.copy()
        activations[:, 0, -1] = 30.0 * (0.1 + activations.mean(axis=(1, 2)))
        return replace(found, activations=activations)


def by_name(engine: FakeEngine, data: Path) -> dict[str, ArtefactTest]:
    record = measure_artefacts(engine, data, 16, "none")
    assert [row["Images"].split(",")[0] for row in artefact_rows(record)]
    return {test.name: test for test in record.tests}


def test_a_map_of_the_image_passes(data: Path) -> None:
    found = by_name(FakeEngine(fake_card(classes=CLASSES)), data)
    assert found["mirror"].figure is not None
    assert found["mirror"].figure.value == 1.0
    # Of 4 columns the two in the middle lie on the axis.
    assert (found["mirror"].images, found["mirror"].left_out) == (8, 8)
    assert found["cover"].figure is not None
    assert found["cover"].figure.low > 0.0
    assert [found[name].passes for name in ("mirror", "cover")] == [True] * 2
    assert found["swap"].images == 15  # the first has nobody before it
    # None of 15 flips, but where 5 % do, that happens in every second set of 15.
    assert found["swap"].figure is not None
    assert found["swap"].figure.value == 0.0
    assert found["swap"].figure.high == pytest.approx(1 - 0.025 ** (1 / 15), abs=1e-4)
    assert found["swap"].passes is None


def test_a_register_fails_the_mirror_the_blank_and_the_norms(data: Path) -> None:
    found = by_name(Registered(fake_card(classes=CLASSES)), data)
    assert [found[name].passes for name in ("mirror", "blank", "norms")] == [False] * 3
    assert found["mirror"].figure is not None
    assert found["mirror"].figure.value == 0.0
    assert "not the image" in found["mirror"].sentence


def test_the_surroundings_are_another_patients(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two images of one patient in a row, the second too gets those of the patient before."""
    names = ("person1_bacteria_1", "person1_bacteria_2", "person2_bacteria_1",
             "person2_bacteria_2", "person2_bacteria_3", "person3_bacteria_1")  # fmt: skip
    path = tmp_path / "rows.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for gray, name in enumerate(names, start=1):
            buffer = io.BytesIO()
            Image.fromarray(np.full((SIZE, SIZE), 10 * gray, np.uint8)).save(buffer, "PNG")
            archive.writestr(f"test/bacterial_pneumonia/{name}.png", buffer.getvalue())
    others: list[int | None] = []

    def asked(
        engine: FakeEngine, display: FloatArray, other: FloatArray | None, place: int
    ) -> Answers:
        others.append(None if other is None else round(float(other.mean()) * 255))
        return answers(engine, display, other, place)

    monkeypatch.setattr(measure, "answers", asked)
    found = by_name(FakeEngine(fake_card(classes=CLASSES)), path)
    assert others == [None, None, 20, 20, 20, 50]
    assert (found["swap"].images, found["swap"].left_out) == (4, 2)


def test_a_model_without_evidence_is_undefined(data: Path) -> None:
    engine = FakeEngine(fake_card(classes=CLASSES))
    engine.head = np.zeros_like(engine.head)
    found = by_name(engine, data)
    assert (found["mirror"].figure, found["mirror"].passes) == (None, None)
    assert found["mirror"].sentence == "Undefined for this model."


def result_of(name: ArtefactName, threshold: float, *figure: float) -> ArtefactTest:
    return ArtefactTest(
        name=name, figure=Interval(*figure), threshold=threshold, passes=True,
        images=215, left_out=409, sentence="an earlier one, surer than the figure",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("test", "verdict", "words"),
    [
        (result_of("mirror", 0.5, 0.6, 0.54, 0.67), "yes", "follows in 60 %."),
        (result_of("mirror", 0.5, 0.52, 0.45, 0.6), "not shown", "follows in 52 %. Not shown"),
        (result_of("mirror", 0.5, 0.05, 0.03, 0.06), "no", "not the image"),
        (result_of("swap", 0.05, 0.0385, 0.024, 0.0545), "not shown", "Not shown"),
        (result_of("swap", 0.05, 0.0594, 0.0408, 0.0796), "not shown", "Not shown"),
        (result_of("swap", 0.05, 0.0241, 0.0128, 0.0364), "yes", "seldom"),
        (result_of("swap", 0.05, 0.1, 0.06, 0.2), "no", "too often"),
        (result_of("norms", 4.0, 3.9, 3.7, 4.1), "not shown", "Not shown"),
        (result_of("cover", 0.0, 0.1, 0.01, 0.2), "yes", "more than hiding a random 15 %"),
        (result_of("cover", 0.0, 0.1, 0.0, 0.2), "not shown", "is not shown to cost"),
        (result_of("cover", 0.0, -0.1, -0.2, -0.01), "no", "less than hiding a random 15 %"),
    ],
)
def test_no_verdict_is_surer_than_its_interval(
    test: ArtefactTest, verdict: str, words: str
) -> None:
    assert verdict_of(test.name, test.figure, test.threshold) == verdict
    assert words in sentence(test)
    if test.name == "mirror":
        assert sentence(test).startswith("Where it can be told (215 of 624 images), the peak")


def test_what_is_covered_gets_the_mean() -> None:
    display = np.linspace(0, 1, 100, dtype=np.float32).reshape(10, 10)
    values = np.zeros((2, 2), np.float32)
    values[0, 0] = 1.0
    made = covered(display, values, np.random.default_rng(0))
    changed = made != display
    assert changed.sum() == 15
    assert changed[0, 0]
    assert not changed[9, 9]
    np.testing.assert_allclose(made[changed], display.mean())


def test_the_body_stays_in_other_surroundings() -> None:
    def body(value: float, air: float) -> FloatArray:
        made = np.full((60, 60), air, np.float32)
        made[:, 20:40] = value
        return made

    one, other = body(0.8, 0.0), body(0.9, 0.1)
    made = surrounded(one, other)
    inside = body_mask(one)
    np.testing.assert_array_equal(made[inside], one[inside])
    np.testing.assert_allclose(made[:, :15], 0.1)


def test_the_command_writes_the_record(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XRAY_APP_MODELS", str(tmp_path))
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake" / "card.json").write_text(json.dumps(card_content(classes=CLASSES)))
    monkeypatch.setattr(
        heatmaps, "open_engine", lambda name: FakeEngine(fake_card(classes=CLASSES))
    )
    assert main(["artefacts", str(data), "--images", "4"]) == 0
    assert "Mirror" in capsys.readouterr().out
    record = json.loads((tmp_path / "fake" / ARTEFACTS_FILE).read_text())
    assert record["command"] == "python -m xray_app artefacts spots.zip --model fake --images 4"
    assert main(["artefacts", str(data), "--images", "0"]) == 2
