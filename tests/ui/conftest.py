"""The app under Streamlit's AppTest, with the fake engine behind it."""

import gc
from collections.abc import Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT
from tests.fakes import FakeEngine, fake_card
from tests.gate_rules import ENTRY, fake_rule
from tests.ui.batch_page import PAGE, job_of
from xray_app.gate import judge as gate_service
from xray_app.ui.session import resources


@pytest.fixture(scope="module", autouse=True)
def _little_to_collect() -> Iterator[None]:
    """Streamlit collects garbage after every run of the script, through all that is alive.

    Where TensorFlow was at work in this process before, that is most of the time of these tests.
    """
    gc.collect()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _freeze(_little_to_collect: None) -> None:
    gc.freeze()


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    fake = FakeEngine()
    monkeypatch.setattr(resources, "open_engine", lambda name, **_: fake)
    st.cache_resource.clear()
    yield fake
    st.cache_resource.clear()


@pytest.fixture
def app(engine: FakeEngine) -> AppTest:
    return AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=30)


@pytest.fixture
def page(app: AppTest) -> Iterator[AppTest]:
    """The page Batch; its job has ended afterwards."""
    yield app.run().switch_page(PAGE).run()
    job = job_of(app)
    if job is not None:
        job.close()
        assert job.wait(60)


@pytest.fixture
def gated(app: AppTest, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The app on a model with a gate."""
    monkeypatch.setattr(gate_service, "rule_of", lambda card: fake_rule() if card.gate else None)
    engine.card = fake_card(gate=ENTRY)
    return app
