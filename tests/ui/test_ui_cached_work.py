"""Many visitors on the page: who waits is told, a crowd is refused, who leaves frees memory."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.fakes import FakeEngine, fake_card
from tests.ui.guests import arrive
from xray_app.ui.session import cached_work, resources
from xray_app.ui.session.fair_queue import FairQueue


@pytest.fixture
def full_queue(monkeypatch: pytest.MonkeyPatch) -> FairQueue:
    queue = FairQueue(1, 3)
    monkeypatch.setattr("xray_app.ui.session.resources.MODEL", queue)
    return queue


def test_the_page_says_how_many_come_first_and_then_shows_the_result(
    app: AppTest, full_queue: FairQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[int] = []
    show = cached_work._Sign.show
    (guest,) = arrive(full_queue, "a", [])

    def watch(sign: cached_work._Sign, before: int) -> None:
        show(sign, before)
        said.append(before)
        guest.go.set()

    monkeypatch.setattr(cached_work._Sign, "show", watch)
    app.run()
    assert set(said) == {1}
    assert not app.exception
    assert len(app.success) == 1
    assert not [info for info in app.info if "Waiting" in info.value]


def test_a_crowded_server_is_one_sentence_on_the_page(app: AppTest, full_queue: FairQueue) -> None:
    guests = arrive(full_queue, "abcd", [])
    app.run()
    for guest in guests:
        guest.go.set()
    assert not app.exception
    assert "try again in a minute" in app.error[0].value
    app.run()
    assert len(app.success) == 1


def test_a_session_that_ends_frees_its_memory(app: AppTest, engine: FakeEngine) -> None:
    app.run()
    session_cache = cached_work.session_cache()
    assert session_cache.total_bytes > 224 * 224
    from streamlit.runtime.caching.cache_resource_api import _resource_caches

    sessions = [name for name in _resource_caches._function_caches if name is not None]
    assert len(sessions) == 1
    _resource_caches.clear_session(sessions[0])  # what Streamlit does when a page is closed
    assert session_cache.total_bytes == 0
    calls = engine.calls
    app.run()
    assert engine.calls > calls
    st.cache_resource.clear()


def test_a_model_stays_open_while_other_visitors_open_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody may wait for it: with room for two, the third closed it under them."""
    opened: dict[str, FakeEngine] = {}

    def open_engine(name: str) -> FakeEngine:
        return opened.setdefault(name, FakeEngine(fake_card(name=name)))

    monkeypatch.setattr(resources, "open_engine", open_engine)
    st.cache_resource.clear()
    first = resources.engine_for(fake_card(name="a"))
    for name in "bcde":
        resources.engine_for(fake_card(name=name))
    assert not any(engine.closed for engine in opened.values())
    assert resources.engine_for(fake_card(name="a")) is first
    st.cache_resource.clear()
    assert all(engine.closed for engine in opened.values())
