"""The page Inside the model under AppTest, with the fake engine."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.engines.keras_models import classifier, saved
from tests.fakes import FakeEngine, card_content, fake_card
from tests.ui.foreign_text import HOSTILE, assert_plain
from xray_app.core.errors import EngineError
from xray_app.engines.protocol import LayerOutput
from xray_app.inspection import inspection
from xray_app.inspection.inside_model import look_inside
from xray_app.ui.charts import inside as inside_figures
from xray_app.ui.session import cached_work, resources


def open_page(app: AppTest) -> AppTest:
    opened = app.run().switch_page("xray_app/ui/pages/inside.py").run()
    assert not opened.exception
    return opened


def table(app: AppTest, column: str) -> list[str]:
    frame = next(t.value for t in app.table if column in t.value)
    return [str(value) for value in frame[column]]


def test_the_verdict_comes_first(app: AppTest) -> None:
    open_page(app)
    assert app.success[0].value.startswith("**The card says what the layers do.**")
    assert "black to -2.000 and white to 2.000" in app.success[0].value
    assert not app.warning


def test_a_card_that_is_wrong_is_said_first(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    contract = card_content()["contract"] | {"layers": ["Rescaling"]}
    wrong = FakeEngine(fake_card(contract=contract))
    monkeypatch.setattr(resources, "open_engine", lambda name, **_: wrong)
    open_page(app)
    assert app.error[0].value.startswith("**The card and the layers disagree.**")
    assert "declares Rescaling; Rescaling, Normalization found" in app.error[0].value


def test_layers_and_schemes_are_listed(app: AppTest) -> None:
    open_page(app)
    assert table(app, "Layer") == ["rescaling  \n(Rescaling)", "normalization  \n(Normalization)"]
    assert table(app, "Measured") == ["0.003922 x", "4 x - 2"]
    words = table(app, "In words")
    assert words[0] == "Fits training"
    assert words[1] == "Contrast divided by 255"


def test_a_pixel_is_followed_by_slider_and_by_number(app: AppTest) -> None:
    open_page(app)
    app.slider(key="inside_slider").set_value(255).run()
    assert app.number_input(key="inside_number").value == 255.0
    assert table(app, "Channel 1") == ["255", "255", "1", "2"]
    app.number_input(key="inside_number").set_value(4095.0).run()
    assert app.slider(key="inside_slider").value == 255
    assert table(app, "Channel 1")[0] == "4095"
    app.segmented_control(key="inside_scale").set_value("unit").run()
    assert not app.exception
    assert table(app, "Channel 1")[1] == f"{4095 / 255:.6g}"


def test_the_three_builds_stand_side_by_side(app: AppTest) -> None:
    open_page(app)
    given = [t.value for t in app.table if "Given" in t.value]
    assert len(given) == 3
    exact = [str(frame["At the first convolution"].iloc[0]) for frame in given]
    assert exact[0] == "0 to 1"
    assert exact[1] == "-2.118 to 2.249  \n-2.036 to 2.429  \n-1.804 to 2.64"
    assert exact[2] == "-1.014 to 1.076  \n-0.9635 to 1.149  \n-0.8559 to 1.252"


def test_an_uploaded_model_is_inspected(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    monkeypatch.setattr(inspection, "call_in_child", lambda f, *arguments, **_: f(*arguments))
    front = keras.layers.Rescaling(1 / 255), keras.layers.Normalization()
    data = saved(classifier(*front), tmp_path).read_bytes()
    open_page(app)
    app.file_uploader(key="inside_model").upload("mine.keras", data).run()
    assert not app.exception
    assert app.info[0].value.startswith("**Expects `raw`.**")
    assert "was never adapted" in app.warning[0].value
    assert app.main.get("download_button")


DECLARED = (
    b'{"do_normalize": true, "image_mean": [0.485, 0.456, 0.406], "resample": 2, '
    b'"image_std": [0.229, 0.224, 0.225], "size": {"height": 32, "width": 32}}'
)


def test_what_is_declared_stands_beside_what_is_measured(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    monkeypatch.setattr(inspection, "call_in_child", lambda f, *arguments, **_: f(*arguments))
    data = saved(classifier(keras.layers.Rescaling(1 / 255)), tmp_path).read_bytes()
    open_page(app)
    app.file_uploader(key="inside_declared").upload("preprocessor_config.json", DECLARED)
    app.file_uploader(key="inside_model").upload("mine.keras", data).run()
    assert not app.exception
    assert "the graph already divides bytes by 255: rescaled twice" in app.error[0].value
    assert table(app, "Agree?") == ["yes", "yes", "no", "no", "no", "can't tell", "can't tell"]
    assert app.main.get("segmented_control")[-1].key == "inside_code"
    # Values as the layers want them, the kernel from the file.
    assert "load_img" in app.code[-1].value
    app.segmented_control(key="inside_code").set_value("hugging-face").run()
    assert "resample=2" in app.code[-1].value
    assert "image_std=[0.003921569, 0.003921569, 0.003921569]" in app.code[-1].value


def test_a_declaration_alone_and_by_name(app: AppTest) -> None:
    open_page(app)
    app.text_input(key="inside_declared_name").set_value("torchvision:ResNet50").run()
    assert not app.exception
    assert "shorter side to 256, then centre crop" in app.main.markdown[-1].value
    app.segmented_control(key="inside_code").set_value("torchvision").run()
    assert "v2.CenterCrop((224, 224))" in app.code[-1].value


@pytest.mark.parametrize(
    ("name", "words"), [("../card.json", "Expected a name such as"), ("keras:VGG99", "Unknown")]
)
def test_a_name_is_never_a_path_of_the_server(app: AppTest, name: str, words: str) -> None:
    open_page(app)
    app.text_input(key="inside_declared_name").set_value(name).run()
    assert not app.exception
    assert words in app.error[0].value


def test_a_damaged_declaration_is_one_sentence(app: AppTest) -> None:
    open_page(app)
    app.file_uploader(key="inside_declared").upload("config.json", b'{"mean": NaN}').run()
    assert not app.exception
    assert "NaN is no number in JSON" in app.error[0].value


def test_an_uploaded_lambda_is_refused(app: AppTest, tmp_path: Path) -> None:
    import keras

    data = saved(classifier(keras.layers.Lambda(lambda x: x / 255)), tmp_path).read_bytes()
    open_page(app)
    app.file_uploader(key="inside_model").upload("mine.keras", data).run()
    assert not app.exception
    assert app.error[0].value.startswith("Refused mine.keras")
    assert app.success  # the rest of the page stays


def test_the_chart_has_a_bar_a_scheme(fake: FakeEngine, radiograph: object) -> None:
    inside = look_inside(fake, radiograph)  # the fixture's type
    figure = inside_figures.reach_chart(inside.reaches, inside.training_range)
    assert [trace.y[0] for trace in figure.data] == [r.scheme for r in inside.reaches]
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].x1) == inside.training_range


def test_a_pixel_that_can_not_be_followed_is_one_sentence(
    app: AppTest, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fragment runs by itself, without the page's boundary above it."""
    open_page(app)

    def gone(batch: np.ndarray) -> None:
        raise EngineError("The model *stopped*; reload the page.")

    monkeypatch.setattr(engine, "trace", gone)
    app.slider(key="inside_slider").set_value(7).run()
    assert not app.exception
    assert [error.value for error in app.error] == [r"The model \*stopped\*; reload the page."]


def test_a_followed_pixel_waits_for_its_turn(
    app: AppTest, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(app)
    trace, waited = engine.trace, []

    def in_turn(batch: np.ndarray) -> tuple[LayerOutput, ...]:
        waited.append(any(ticket.is_working for ticket in cached_work.MODEL._tickets))
        return trace(batch)

    monkeypatch.setattr(engine, "trace", in_turn)
    app.slider(key="inside_slider").set_value(7).run()
    assert waited == [True]


def test_a_layers_name_is_shown_as_it_is(
    app: AppTest, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = engine.trace
    monkeypatch.setattr(
        engine, "trace", lambda batch: tuple(replace(o, name=HOSTILE) for o in trace(batch))
    )
    open_page(app)
    assert_plain(app)
