"""Models and results in notebooks: in the words and values of the app."""

import dataclasses
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

import xray_app as xa
from tests.conftest import BUNDLED, ROOT
from tests.fakes import FakeEngine
from tests.pipeline.synthetic import synthetic
from tests.two_models import signed
from xray_app.core.errors import InputError, ModelError, UnknownChoice
from xray_app.diagnosis import Choices, diagnose, side_of
from xray_app.library import models
from xray_app.library.result import Result
from xray_app.presentation import comparison_to_dict, diagnosis_to_dict
from xray_app.presentation.two_models import two_models_to_dict

GRAY = synthetic(48, 40)
COLOUR = synthetic(48, 40, colour=True)


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
def model(fake: FakeEngine) -> xa.Model:
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


def test_weights_beside_their_card_open_with_it() -> None:
    card = xa.open_model("cxr_efficientnetb4").card
    with_card = xa.open_model(card.folder / card.weights.file)
    assert with_card.card == card
