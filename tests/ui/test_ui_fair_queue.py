"""The queue in front of some work: order, places, and how both end."""

import threading

import pytest

from tests.ui.guests import PATIENCE, arrive, until
from xray_app.core.errors import ServerBusy
from xray_app.ui.session.fair_queue import FairQueue


def test_first_come_first_served_and_so_many_at_once() -> None:
    order: list[str] = []
    guests = arrive(FairQueue(2, 10), "abcde", order)
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
    guests = arrive(FairQueue(1, 10), "abc", [])
    guests[0].go.set()
    until(lambda: guests[2].told[-1] == 1)
    assert guests[2].told[0] == 2
    for guest in guests:
        guest.go.set()
        guest.join(PATIENCE)


def test_a_place_is_given_back_by_who_leaves_while_waiting() -> None:
    order: list[str] = []
    a, b, c = arrive(FairQueue(1, 10), "abc", order)
    b.leave.set()
    b.join(PATIENCE)
    assert not b.is_alive()
    a.go.set()
    assert c.working.wait(PATIENCE)
    assert order == ["a", "c"]
    c.go.set()
    c.join(PATIENCE)


def test_a_place_is_given_back_by_work_that_fails() -> None:
    queue = FairQueue(1, 10)
    with pytest.raises(ValueError, match="broken"), queue.turn("a", lambda _: None):
        raise ValueError("broken")
    with queue.turn("b", lambda _: pytest.fail("waits for nobody")):
        pass


def test_one_visitor_has_one_place_at_work() -> None:
    order: list[str] = []
    first, second, other = arrive(FairQueue(2, 10), "aab", order)
    assert other.working.is_set()  # past the second file of the first visitor
    assert not second.working.is_set()
    assert order == ["a", "b"]
    first.go.set()
    assert second.working.wait(PATIENCE)
    for guest in (second, other):
        guest.go.set()
        guest.join(PATIENCE)


def test_too_long_a_line_is_one_sentence() -> None:
    queue = FairQueue(1, 2)
    guests = arrive(queue, "abc", [])
    with pytest.raises(ServerBusy, match="try again"), queue.turn("d", lambda _: None):
        pass
    for guest in guests:
        guest.go.set()
        guest.join(PATIENCE)
    with queue.turn("d", lambda _: pytest.fail("waits for nobody")):
        pass


def test_a_crowd_is_served_whole() -> None:
    queue, lock = FairQueue(2, 100), threading.Lock()
    at_work, most, served = 0, 0, []

    def work(name: int) -> None:
        nonlocal at_work, most
        for _ in range(5):
            with queue.turn(name, lambda _: None):
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
