"""Where the lungs are, on the page Diagnose, with a network that always finds the same."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes import FakeEngine
from tests.ui.viewers import viewers
from xray_app.anatomy import Lungs, LungsFound
from xray_app.diagnosis import reference_pass

RIGHT, LEFT = np.zeros((32, 32), bool), np.zeros((32, 32), bool)
RIGHT[8:24, 4:14] = LEFT[8:24, 18:28] = True


def alternatives(app: AppTest) -> list[str]:
    return [one["alt"] for one in viewers(app)]


@pytest.fixture
def _found(monkeypatch: pytest.MonkeyPatch) -> None:
    found = LungsFound(Lungs(RIGHT, LEFT))
    monkeypatch.setattr(reference_pass, "draw_lungs", lambda card, display: found)


@pytest.mark.usefixtures("_found")
def test_the_lungs_share_stands_beside_the_heatmap(app: AppTest, engine: FakeEngine) -> None:
    app.run()
    assert not app.exception
    said = [caption.value for caption in app.main.caption]
    assert any(" lies in the lungs, which take 31 % of the image; most in the " in s for s in said)
    assert any(" % lies in the lungs, which take 31 %" in alt for alt in alternatives(app))


@pytest.mark.usefixtures("_found")
def test_they_are_outlined_on_request(app: AppTest, engine: FakeEngine) -> None:
    app.run()
    assert not any("outlined" in alt for alt in alternatives(app))
    calls = engine.calls
    app.toggle(key="outlines").set_value(True).run()
    assert not app.exception
    assert engine.calls == calls
    assert any(alt.endswith(", the lungs outlined") for alt in alternatives(app))


def test_a_doubt_is_said_and_nothing_drawn(
    app: AppTest, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubt = LungsFound(None, "Lungs are not drawn: no two lungs were found.")
    monkeypatch.setattr(reference_pass, "draw_lungs", lambda card, display: doubt)
    app.run()
    app.toggle(key="outlines").set_value(True).run()
    assert not app.exception
    assert not any("outlined" in alt for alt in alternatives(app))
    said = [c.value for c in app.main.caption if "no two lungs were found" in c.value]
    assert len(said) == 2  # under the radiograph and under its heatmap
