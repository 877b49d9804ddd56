"""Many visitors: the line in front of the model, what is kept for each, and how both end."""

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.conftest import make_radiograph
from tests.fakes import FakeEngine
from xray_app.core.compact import compact, expanded
from xray_app.core.errors import ServerBusy
from xray_app.ui import turns
from xray_app.ui.kept import Shelf, Visitor, size_of
from xray_app.ui.line import Line

PATIENCE = 20.0


class Guest(threading.Thread):
    """Somebody in a line; works until told to go."""

    def __init__(self, line: Line, name: str, order: list[str]) -> None:
        super().__init__(daemon=True)
        self.line, self.visitor, self.order = line, name, order
        self.told: list[int] = []
        self.working, self.go = threading.Event(), threading.Event()
        self.leave = threading.Event()

    def run(self) -> None:
        try:
            with self.line.turn(self.visitor, self._wait):
                self.order.append(self.visitor)
                self.working.set()
                assert self.go.wait(PATIENCE)
        except ConnectionError:
            pass

    def _wait(self, before: int) -> None:
        self.told.append(before)
        if self.leave.is_set():
            raise ConnectionError


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def arrive(line: Line, names: str, order: list[str]) -> list[Guest]:
    """Guests who come one after another; each has its place before the next comes."""
    guests = []
    for name in names:
        guest = Guest(line, name, order)
        guest.start()
        until(lambda g=guest: g.working.is_set() or bool(g.told))
        guests.append(guest)
    return guests


def test_first_come_first_served_and_so_many_at_once() -> None:
    order: list[str] = []
    guests = arrive(Line(2, 10), "abcde", order)
    assert order == ["a", "b"]
    assert [guest.told[0] for guest in guests[2:]] == [2, 3, 4]
    for done, guest in enumerate(guests):
        assert guest.working.wait(PATIENCE)
        assert len(order) == min(5, done + 2)
        guest.go.set()
        guest.join(PATIENCE)
        expected = min(5, done + 3)
        until(lambda n=expected: len(order) == n)
    assert order == list("abcde")


def test_who_waits_is_told_when_others_leave() -> None:
    guests = arrive(Line(1, 10), "abc", [])
    guests[0].go.set()
    until(lambda: guests[2].told[-1] == 1)
    assert guests[2].told[0] == 2
    for guest in guests:
        guest.go.set()
        guest.join(PATIENCE)


def test_a_place_is_given_back_by_who_leaves_while_waiting() -> None:
    order: list[str] = []
    a, b, c = arrive(Line(1, 10), "abc", order)
    b.leave.set()
    b.join(PATIENCE)
    assert not b.is_alive()
    a.go.set()
    assert c.working.wait(PATIENCE)
    assert order == ["a", "c"]
    c.go.set()
    c.join(PATIENCE)


def test_a_place_is_given_back_by_work_that_fails() -> None:
    line = Line(1, 10)
    with pytest.raises(ValueError, match="broken"), line.turn("a", lambda _: None):
        raise ValueError("broken")
    with line.turn("b", lambda _: pytest.fail("waits for nobody")):
        pass


def test_one_visitor_has_one_place_at_work() -> None:
    order: list[str] = []
    first, second, other = arrive(Line(2, 10), "aab", order)
    assert other.working.is_set()  # past the second file of the first visitor
    assert not second.working.is_set()
    assert order == ["a", "b"]
    first.go.set()
    assert second.working.wait(PATIENCE)
    for guest in (second, other):
        guest.go.set()
        guest.join(PATIENCE)


def test_too_long_a_line_is_one_sentence() -> None:
    line = Line(1, 2)
    guests = arrive(line, "abc", [])
    with pytest.raises(ServerBusy, match="try again"), line.turn("d", lambda _: None):
        pass
    for guest in guests:
        guest.go.set()
        guest.join(PATIENCE)
    with line.turn("d", lambda _: pytest.fail("waits for nobody")):
        pass


def test_a_crowd_is_served_whole() -> None:
    line, lock = Line(2, 100), threading.Lock()
    at_work, most, served = 0, 0, []

    def work(name: int) -> None:
        nonlocal at_work, most
        for _ in range(5):
            with line.turn(name, lambda _: None):
                with lock:
                    at_work += 1
                    most = max(most, at_work)
                with lock:
                    at_work -= 1
                    served.append(name)

    threads = [threading.Thread(target=work, args=(name,), daemon=True) for name in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert most <= 2
    assert sorted(served) == sorted(list(range(20)) * 5)


def test_things_are_found_by_their_visitor_alone_and_go_with_the_visitor() -> None:
    shelf = Shelf(1000, 10)
    a, b = Visitor(shelf), Visitor(shelf)
    a.put("x", np.zeros(100, np.uint8))
    assert b.get("x") is None
    b.put("x", np.ones(50, np.uint8))
    assert (a.get("x").sum(), b.get("x").sum(), shelf.total_bytes) == (0, 50, 150)
    a.leave()
    a.put("x", np.zeros(100, np.uint8))  # work that ended after the visitor left
    assert (a.get("x"), shelf.total_bytes) == (None, 50)


def test_the_bound_holds_for_all_together_and_the_longest_unused_goes_first() -> None:
    shelf = Shelf(300, 10)
    a, b = Visitor(shelf), Visitor(shelf)
    for visitor, key in ((a, 1), (b, 2), (a, 3)):
        visitor.put(key, bytes(100))
    assert a.get(1) is not None
    b.put(4, bytes(100))
    assert [a.get(1) is None, b.get(2) is None, a.get(3) is None] == [False, True, False]
    b.put(5, bytes(301))
    assert b.get(5) is None
    assert shelf.total_bytes == 300


def test_one_visitor_keeps_so_many_things() -> None:
    visitor = Visitor(Shelf(1000, 2))
    for key in (1, 2, 3):
        visitor.put(key, b"x")
    assert [visitor.get(key) for key in (1, 2, 3)] == [None, b"x", b"x"]


def test_an_array_counts_once_and_a_view_counts_whole() -> None:
    whole = np.zeros((10, 10), np.float32)
    assert size_of([whole, whole, {"row": whole[0]}, ("ab",)]) == 402
    assert size_of(whole[0]) == 400
    radiograph = make_radiograph(np.zeros((6, 5), np.uint8))
    assert size_of(radiograph) >= 30 * 5


def test_a_compact_radiograph_is_the_same_again(radiograph: object) -> None:
    eight_bit = make_radiograph(np.arange(30, dtype=np.uint8).reshape(6, 5))
    small = compact(eight_bit)
    assert small.pixels.nbytes == 30
    again = expanded(small)
    assert again.pixels.dtype == np.float32
    assert not again.pixels.flags.writeable
    np.testing.assert_array_equal(again.pixels, eight_bit.pixels)
    inverted = make_radiograph(np.arange(30, dtype=np.float32).reshape(6, 5))
    assert compact(inverted) is inverted


@pytest.fixture
def full_line(monkeypatch: pytest.MonkeyPatch) -> Line:
    line = Line(1, 3)
    monkeypatch.setattr("xray_app.ui.resources.MODEL", line)
    return line


def test_the_page_says_how_many_come_first_and_then_shows_the_result(
    app: AppTest, full_line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[int] = []
    show = turns._Sign.show
    (guest,) = arrive(full_line, "a", [])

    def watch(sign: turns._Sign, before: int) -> None:
        show(sign, before)
        said.append(before)
        guest.go.set()

    monkeypatch.setattr(turns._Sign, "show", watch)
    app.run()
    assert set(said) == {1}
    assert not app.exception
    assert len(app.success) == 1
    assert not [info for info in app.info if "Waiting" in info.value]


def test_a_crowded_server_is_one_sentence_on_the_page(app: AppTest, full_line: Line) -> None:
    guests = arrive(full_line, "abcd", [])
    app.run()
    for guest in guests:
        guest.go.set()
    assert not app.exception
    assert "try again in a minute" in app.error[0].value
    app.run()
    assert len(app.success) == 1


def test_a_session_that_ends_frees_its_memory(app: AppTest, engine: FakeEngine) -> None:
    app.run()
    shelf = turns.shelf()
    assert shelf.total_bytes > 224 * 224
    from streamlit.runtime.caching.cache_resource_api import _resource_caches

    sessions = [name for name in _resource_caches._function_caches if name is not None]
    assert len(sessions) == 1
    _resource_caches.clear_session(sessions[0])  # what Streamlit does when a page is closed
    assert shelf.total_bytes == 0
    calls = engine.calls
    app.run()
    assert engine.calls > calls
    st.cache_resource.clear()
