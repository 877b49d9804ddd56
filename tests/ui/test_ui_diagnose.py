"""The page Diagnose under Streamlit's AppTest, with the fake engine behind it."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes import FakeEngine
from tests.made_files import png
from tests.ui.pages import choose, texts
from xray_app.core.errors import EngineError
from xray_app.engines.catalogue import default_model, find_card


def test_the_first_visit_shows_a_result(app: AppTest) -> None:
    app.run()
    assert not app.exception
    assert len(app.success) == 1
    assert app.success[0].value.startswith("**Fits training.**")
    assert "not a medical device" in texts(app)
    assert "children of 1 to 5 years" in texts(app)
    assert "AI-generated" in app.sidebar.selectbox(key="sample").label


def test_a_scheme_that_does_not_fit_is_said_first(app: AppTest) -> None:
    choose(app.run(), "scheme", "rescale")
    assert app.error[0].value.startswith("**Contrast divided by 255.**")
    assert "the prediction below can't be relied on" in app.error[0].value
    assert "~~" in app.header[0].value  # the prediction is struck through
    assert "Fed as trained" in texts(app)
    assert not app.success


def test_the_formula_follows_the_scheme(app: AppTest) -> None:
    choose(app.run(), "scheme", "signed")
    assert app.sidebar.latex[0].value.strip("$\n ") == "y = 2\\,x - 1"


def test_any_pair_of_steps(app: AppTest) -> None:
    choose(app.run(), "scheme", "custom")
    choose(app, "contrast", "clahe")
    choose(app, "scale", "byte")
    assert not app.exception
    assert dict(app.query_params)["scheme"] == "clahe+byte"
    assert app.warning[0].value.startswith("**Same range, contrast changed.**")


def test_the_address_opens_the_same_view(app: AppTest) -> None:
    app.query_params["scheme"] = "equalize+signed"
    app.query_params["sample"] = "viral_pneumonia_2"
    app.run()
    assert app.selectbox(key="sample").value == "viral_pneumonia_2"
    assert app.selectbox(key="scheme").value == "custom"
    assert app.selectbox(key="contrast").value == "equalize"
    assert app.selectbox(key="scale").value == "signed"


def test_a_wrong_address_is_said_and_the_default_shown(app: AppTest) -> None:
    app.query_params["scheme"] = "rescal"
    app.query_params["sample"] = "nobody"
    app.query_params["model"] = "nothing"
    app.run()
    warnings = "\n".join(w.value for w in app.warning)
    assert "Unknown scheme 'rescal'" in warnings
    assert "Unknown sample 'nobody'" in warnings
    assert "Unknown model 'nothing'" in warnings
    assert app.selectbox(key="scheme").value == "raw"
    assert len(app.success) == 1


def test_opacity_and_colours_recompute_nothing(app: AppTest, engine: FakeEngine) -> None:
    app.run()
    calls = engine.calls
    app.slider(key="opacity").set_value(0.2).run()
    choose(app, "colours", "viridis")
    assert engine.calls == calls
    choose(app, "scheme", "rescale")
    assert engine.calls > calls


def test_an_upload_takes_the_place_of_the_sample(app: AppTest) -> None:
    app.run()
    image = np.tile(np.arange(64, dtype=np.uint8) * 4, (50, 1))
    app.file_uploader(key="uploads").upload("patient.png", png(image), "image/png").run()
    assert not app.exception
    assert "sample" not in dict(app.query_params)
    assert not [s for s in app.sidebar.selectbox if s.key == "sample"]


def test_several_uploads_can_be_chosen_from(app: AppTest) -> None:
    app.run()
    images = {"a.png": np.eye(40, dtype=np.uint8) * 255, "b.png": np.zeros((40, 40), np.uint8)}
    files = [(name, png(pixels), "image/png") for name, pixels in images.items()]
    app.file_uploader(key="uploads").set_value(files).run()
    assert app.selectbox(key="shown").options == ["a.png", "b.png"]
    app.selectbox(key="shown").select_index(1).run()
    assert not app.exception


@pytest.mark.parametrize("content", [b"", b"This is no picture at all.\n" * 9])
def test_a_bad_file_is_one_sentence_and_the_sidebar_stays(app: AppTest, content: bytes) -> None:
    app.run()
    app.file_uploader(key="uploads").upload("fake.png", content, "image/png").run()
    assert not app.exception
    assert len(app.error) == 1
    assert "xpected" in app.error[0].value
    assert "\n" not in app.error[0].value
    assert app.sidebar.selectbox(key="scheme")


def test_a_failing_model_is_one_sentence(
    app: AppTest, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(batch: np.ndarray) -> None:
        raise EngineError("The process that holds the model stopped; try again.")

    monkeypatch.setattr(engine, "forward", fail)
    app.run()
    assert not app.exception
    assert app.error[0].value == "The process that holds the model stopped; try again."


def test_no_evidence_is_said(app: AppTest) -> None:
    app.run()
    white = png(np.full((40, 40), 255, np.uint8))
    app.file_uploader(key="uploads").upload("white.png", white, "image/png").run()
    choose(app, "target", "normal")
    assert not app.exception
    assert any("No positive evidence for Normal" in caption.value for caption in app.caption)


def test_changed_copies_are_asked_about_on_request(app: AppTest, engine: FakeEngine) -> None:
    app.run()
    calls = engine.calls
    app.run()
    assert engine.calls == calls  # nothing is computed that nobody asked for
    app.button(key="stability").click().run()
    assert not app.exception
    assert engine.calls == calls + 1
    said = [e.value for kind in (app.success, app.warning) for e in kind]
    assert any("changes that mean nothing" in sentence for sentence in said)
    assert any("turned 2° left" in caption.value for caption in app.caption)
    app.run()
    assert engine.calls == calls + 1  # kept for the session


def test_a_link_made_with_other_weights_says_so(app: AppTest) -> None:
    card = find_card(default_model())
    app.query_params["weights"] = "deadbeef"
    app.run()
    assert not app.exception
    (sentence,) = [w.value for w in app.warning if "other weights" in w.value]
    assert "(deadbeef)" in sentence
    assert f"version {card.version} ({card.short_hash})" in sentence
    # The address now names the weights that are here, and a new visit with it says nothing.
    assert dict(app.query_params)["weights"] == card.short_hash
    app.run()
    assert not [w for w in app.warning if "other weights" in w.value]
