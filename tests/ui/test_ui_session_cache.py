"""What is kept for each visitor, within one bound for all."""

import numpy as np

from tests.conftest import make_radiograph
from xray_app.ui.session.session_cache import SessionCache, Visitor, size_of


def test_things_are_found_by_their_visitor_alone_and_go_with_the_visitor() -> None:
    session_cache = SessionCache(1000, 10)
    a, b = Visitor(session_cache), Visitor(session_cache)
    a.put("x", np.zeros(100, np.uint8))
    assert b.get("x") is None
    b.put("x", np.ones(50, np.uint8))
    assert (a.get("x").sum(), b.get("x").sum(), session_cache.total_bytes) == (0, 50, 150)
    a.leave()
    a.put("x", np.zeros(100, np.uint8))  # work that ended after the visitor left
    assert (a.get("x"), session_cache.total_bytes) == (None, 50)


def test_the_bound_holds_for_all_together_and_the_longest_unused_goes_first() -> None:
    session_cache = SessionCache(300, 10)
    a, b = Visitor(session_cache), Visitor(session_cache)
    for visitor, key in ((a, 1), (b, 2), (a, 3)):
        visitor.put(key, bytes(100))
    assert a.get(1) is not None
    b.put(4, bytes(100))
    assert [a.get(1) is None, b.get(2) is None, a.get(3) is None] == [False, True, False]
    b.put(5, bytes(301))
    assert b.get(5) is None
    assert session_cache.total_bytes == 300


def test_one_visitor_keeps_so_many_things() -> None:
    visitor = Visitor(SessionCache(1000, 2))
    for key in (1, 2, 3):
        visitor.put(key, b"x")
    assert [visitor.get(key) for key in (1, 2, 3)] == [None, b"x", b"x"]


def test_an_array_counts_once_and_a_view_counts_whole() -> None:
    whole = np.zeros((10, 10), np.float32)
    assert size_of([whole, whole, {"row": whole[0]}, ("ab",)]) == 402
    assert size_of(whole[0]) == 400
    radiograph = make_radiograph(np.zeros((6, 5), np.uint8))
    assert 30 <= size_of(radiograph) < 60 + 100  # one array, and some text


def test_an_array_that_several_things_share_counts_once_until_the_last_of_them_goes() -> None:
    session_cache = SessionCache(700, 10)
    a, b = Visitor(session_cache), Visitor(session_cache)
    shared = np.zeros((10, 10), np.float32)  # 400 bytes
    a.put("first", [shared, bytes(100)])
    a.put("second", {"rows": shared[2:], "rest": bytes(100)})
    b.put("third", (shared, bytes(50)))
    assert session_cache.total_bytes == 400 + 100 + 100 + 50
    assert a.get("first") is not None  # so the second has been unused for longest
    b.put("fourth", bytes(60))  # 710 bytes until the second has gone
    assert a.get("second") is None
    assert session_cache.total_bytes == 400 + 100 + 50 + 60
    a.put("first", bytes(10))
    assert session_cache.total_bytes == 400 + 50 + 60 + 10
    b.leave()
    assert session_cache.total_bytes == 10


def test_what_has_gone_is_counted_anew() -> None:
    """A new array often lies, and so is named by its ``id``, where a dropped one was."""
    visitor = Visitor(session_cache := SessionCache(1000, 10))
    for _ in range(50):
        things = [np.zeros(200, np.uint8)]
        visitor.put("x", things)
        visitor.put("y", [np.zeros(100, np.uint8)])
        things[0] = np.zeros(300, np.uint8)  # a list that is changed after it was kept
        assert session_cache.total_bytes == 200 + 100
    visitor.leave()
    assert session_cache.total_bytes == 0


def test_arrays_over_the_same_bytes_count_once() -> None:
    data = bytes(range(200))
    whole, part = np.frombuffer(data, np.uint8), np.frombuffer(memoryview(data)[:20], np.uint16)
    assert size_of([whole, part, data]) == 200
