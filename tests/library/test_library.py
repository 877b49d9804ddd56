"""``import xray_app as xa``: quick to import, and in the words and values of the app."""

import dataclasses
import doctest
import inspect
import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image

import xray_app as xa
from tests.conftest import BUNDLED, ROOT
from tests.diagnosis.test_diagnosis_two_models import signed
from tests.fakes import FakeEngine
from tests.pipeline.synthetic import synthetic
from xray_app.core.errors import InputError, ModelError, UnknownChoice
from xray_app.diagnosis import Choices, diagnose, side_of
from xray_app.library import models
from xray_app.library.result import Result
from xray_app.presentation import comparison_to_dict, diagnosis_to_dict
from xray_app.presentation.two_models import two_models_to_dict
from xray_app.readers import read_radiograph
from xray_app.samples import read_sample

GRAY = synthetic(48, 40)
COLOUR = synthetic(48, 40, colour=True)
RUNTIMES = {"tensorflow", "keras", "onnxruntime", "streamlit", "pydicom"}
HEAVY = RUNTIMES | {"skimage", "scipy", "plotly", "pandas", "numpy", "PIL"}


def test_the_import_is_quick_and_loads_nothing_heavy() -> None:
    program = (
        "import sys, time; t = time.perf_counter(); import xray_app as xa; dir(xa); "
        "print(time.perf_counter() - t, *sys.modules)"
    )
    seconds = []
    for _ in range(3):  # the machine may be at other work
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.split()
        assert not set(done) & HEAVY
        seconds.append(float(done[0]))
    assert min(seconds) < 0.1


def test_using_a_part_loads_that_part_alone() -> None:
    program = (
        "import sys, xray_app as xa, numpy as np; image = np.arange(30, dtype=np.uint8)"
        ".reshape(5, 6); xa.normalize(image, 'imagenet'); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not set(done.stdout.split()) & RUNTIMES


class Balanced(HTMLParser):
    """Counts open elements; notices what would be run."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch, fake: FakeEngine) -> xa.Model:
    return xa.Model("fake", fake)


@pytest.fixture
def results(model: xa.Model) -> list[Result]:
    described = xa.describe_pipeline(GRAY, GRAY / 255.0)
    return [
        xa.read(GRAY),
        model.contract,
        model.predict(GRAY),
        model.predict(GRAY, "rescale"),
        model.explain(GRAY),
        model.compare(GRAY),
        model.compare(GRAY, ["raw", "rescale"]),
        model.compare_with(xa.Model("other", FakeEngine(signed())), GRAY),
        described,
        described.check("raw"),
        described.check(model),
        xa.describe_pipeline(GRAY, np.random.default_rng(0).normal(size=(16, 16))),
        xa.compare_pipelines(lambda x: x / 255.0, lambda x: x / 255.0, [GRAY]),
        xa.compare_pipelines(lambda x: x / 255.0, lambda x: x / 127.5 - 1.0, [GRAY]),
        xa.compare_pipelines(lambda x: x / 255.0, lambda x: x[None] * np.nan, [GRAY]),
    ]


def test_every_result_has_text_html_values_and_a_figure_and_is_frozen(
    results: list[Result],
) -> None:
    for result in results:
        assert repr(result) == result.text
        assert len(result.text) > 15
        json.dumps(result.to_dict(), allow_nan=False)
        assert isinstance(result.figure(), go.Figure)
        parser = Balanced()
        parser.feed(result._repr_html_())
        assert not parser.open
        assert "script" not in parser.tags
        # light and dark: the notebook's own colours of text and background
        assert "background:#" not in result._repr_html_()
        assert ";color:" not in result._repr_html_()
        name = "pixels" if isinstance(result, xa.Radiograph) else dataclasses.fields(result)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(result, name, None)


def test_values_are_those_of_the_command_line(model: xa.Model, fake: FakeEngine) -> None:
    radiograph = xa.read(COLOUR)
    found = model.predict(radiograph, "rescale")
    alone = diagnose(fake, radiograph, Choices("rescale"))
    values = found.to_dict()
    expected = diagnosis_to_dict(alone, radiograph.digest)
    for each in (values, expected):
        each.pop("timings_ms")
    assert values == expected
    assert found.predicted == alone.prediction.predicted
    assert sum(found.probabilities.values()) == pytest.approx(1.0)
    compared = model.compare(radiograph, ["raw", "rescale"])
    again = comparison_to_dict(compared.comparison, radiograph.digest)
    assert compared.to_dict() == again
    assert [s["scheme"] for s in again["schemes"]] == ["raw", "rescale"]


def test_two_models_are_compared_as_on_the_command_line(model: xa.Model, fake: FakeEngine) -> None:
    other = FakeEngine(signed())
    found = model.compare_with(xa.Model("other", other), GRAY, ["clahe"])
    radiograph = xa.read(GRAY)
    names = ("raw", "signed", "clahe")
    sides = [side_of(engine, radiograph, names) for engine in (fake, other)]
    values, expected = found.to_dict(), two_models_to_dict(*sides, radiograph.digest)
    for each in (values, expected):
        for side in each["models"].values():
            for result in side["schemes"].values():
                result.pop("timings_ms")
    assert values == expected
    assert found.differing == ("Scheme", "Values", "At the first convolution")
    assert found.conclusion in found.text
    with pytest.raises(InputError, match="received fake twice"):
        model.compare_with(model, GRAY)


def test_one_radiograph_is_fed_as_trained_once(model: xa.Model, fake: FakeEngine) -> None:
    radiograph = xa.read(GRAY)
    model.predict(radiograph)
    calls = fake.calls
    model.explain(radiograph)
    model.predict(GRAY.copy())
    assert fake.calls == calls
    model.predict(GRAY[::-1])
    assert fake.calls > calls


def test_what_says_nothing_says_so(model: xa.Model) -> None:
    wrong = model.predict(GRAY, "rescale")
    assert not wrong.is_meaningful
    assert "which can't be relied on here" in wrong._repr_html_()
    assert "Contrast divided by 255" in wrong.text
    assert "not a medical device" in wrong.text


def test_a_file_an_array_bytes_and_a_sample_are_read(tmp_path: Path) -> None:
    Image.fromarray(GRAY).save(tmp_path / "chest.png")
    for given in (tmp_path / "chest.png", str(tmp_path / "chest.png"), GRAY):
        assert (np.asarray(xa.read(given)) == GRAY).all()
    assert (xa.read((tmp_path / "chest.png").read_bytes()).pixels == GRAY).all()
    sample = xa.read("sample:normal_1")
    assert sample.digest == read_radiograph(read_sample("normal_1")).digest
    assert xa.read(sample) is sample
    gray = xa.read(COLOUR)
    assert gray.pixels[3, 4] == pytest.approx(COLOUR[3, 4] @ [0.299, 0.587, 0.114], rel=1e-6)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("missing.png", "Can't read missing.png: No such file"),
        (b"text", "Expected one of DICOM"),
        (np.full((4, 4), 7), "is 7 everywhere"),
        (np.array([[-2.0, 2.0]]), "0 black to 1 white, received -2 to 2"),
        (np.zeros((2, 3, 4, 5)), "Expected an image of shape"),
        (np.array(["a"]), "real numbers"),
    ],
)
def test_what_can_t_be_read_is_one_sentence(given: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        xa.read(given)
    assert words in str(caught.value)


def test_normalize_is_the_formula() -> None:
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    expected = (GRAY[..., None] / 255.0 - mean) / std
    assert np.abs(xa.normalize(GRAY, "imagenet") - expected).max() < 1e-5
    dataset = xa.normalize(GRAY, "dataset", statistics=(0.5, 0.25))
    assert np.abs(dataset - (GRAY[..., None] / 255.0 - 0.5) / 0.25).max() < 1e-5
    with pytest.raises(InputError, match="dataset"):
        xa.normalize(GRAY, "dataset")
    with pytest.raises(UnknownChoice, match="Did you mean 'imagenet'"):
        xa.normalize(GRAY, "imagnet")


def test_a_model_opens_by_name_folder_and_card(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[Any, ...]] = []
    monkeypatch.setattr(models, "open_engine", lambda *given: opened.append(given))
    folder = ROOT / "models" / BUNDLED
    for given in (BUNDLED, None, folder, str(folder), folder / "card.json"):
        xa.open_model(given)
    assert opened == [(BUNDLED,)] * 2 + [(BUNDLED, folder.parent)] * 3
    with pytest.raises(UnknownChoice, match=f"Did you mean '{BUNDLED}'"):
        xa.open_model("cxr_efficientnetb5")


def test_a_file_alone_tells_its_contract_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.keras").write_bytes(b"none")
    model = xa.open_model(tmp_path / "mine.keras")
    with pytest.raises(ModelError, match="Expected a model with a card, received the file mine"):
        model.predict(GRAY)
    assert repr(model) == "Model file mine.keras, without a card"
    with pytest.raises(InputError, match="mine.keras"):
        _ = model.contract


def test_several_images_are_described_and_checked() -> None:
    rng = np.random.default_rng(3)
    images = [rng.integers(0, 256, (40, 30), np.uint8) for _ in range(2)]
    found = xa.describe_pipeline(images, np.stack([image / 255.0 for image in images]))
    assert found.is_explained
    checked = found.check("signed")
    assert "gain 0.5, offset 0.5" in checked.text
    names = {"tensor": np.stack(images) / 255.0}
    exec(checked.code, names)
    assert np.abs(names["tensor"] - (np.stack(images) / 127.5 - 1.0)).max() < 1e-6
    assert isinstance(found.figure(), go.Figure)


def examples() -> list[doctest.DocTest]:
    """Those of the public names, methods included."""
    finder = doctest.DocTestFinder()
    return [
        test
        for name in xa.__all__
        if name != "testing"
        for test in finder.find(getattr(xa, name), f"xa.{name}", False, {"xa": xa})
        if test.examples
    ]


def test_examples_hold_and_every_function_has_one(
    bundled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "open_engine", lambda *_: bundled)
    monkeypatch.setattr(type(bundled), "close", lambda _: None)
    found = examples()
    for test in found:
        assert doctest.DocTestRunner(verbose=False).run(test).failed == 0, test.name
    functions = {f"xa.{n}" for n in xa.__all__ if inspect.isfunction(getattr(xa, n))}
    asked = {"xa.Model.predict", "xa.Model.explain", "xa.Model.compare", "xa.Pipeline.check"}
    assert functions | asked <= {test.name for test in found}


def test_it_ships_its_types() -> None:
    assert (ROOT / "xray_app" / "py.typed").is_file()
    assert sorted(xa.__all__) == sorted(dir(xa))


def test_weights_beside_their_card_open_with_it() -> None:
    card = xa.open_model("cxr_efficientnetb4").card
    with_card = xa.open_model(card.folder / card.weights.file)
    assert with_card.card == card
