"""Where a visitor's batch is kept: who lets go of it, and that nothing is left behind."""

import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from types import SimpleNamespace

import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.testing.v1 import AppTest

from tests.fakes import FakeEngine
from tests.ui.batch_page import FILES, LIMIT, order, start
from tests.ui.guests import until
from xray_app.ui.batch import session_job
from xray_app.ui.batch.jobs import Job
from xray_app.ui.batch.records import Budget
from xray_app.ui.batch.session_job import SessionJob

Begin = Callable[[SessionJob], Job]
LONG = 600.0


@pytest.fixture
def budget() -> Budget:
    return Budget(LIMIT)


@pytest.fixture
def begin(fake: FakeEngine, budget: Budget) -> Begin:
    """Starts a batch and waits for its end."""

    def begun(session_job: SessionJob) -> Job:
        job = Job(fake, order(), budget)
        session_job.start(job)
        assert job.wait(60)
        return job

    return begun


@pytest.fixture
def new_threads() -> Iterator[Callable[[], int]]:
    """How many threads there are more than before; none at the end."""
    before = set(threading.enumerate())

    def count() -> int:
        return len(set(threading.enumerate()) - before)

    yield count
    until(lambda: count() == 0)


def answers(seen: Iterable[bool], asked: list[bool]) -> Callable[[], bool]:
    """A visitor who is here or not, as told, and at the end away."""
    rest = chain(seen, repeat(False))

    def is_here() -> bool:
        asked.append(next(rest))
        return asked[-1]

    return is_here


def test_a_visitor_who_stays_away_is_let_go_of(
    begin: Begin, budget: Budget, new_threads: Callable[[], int]
) -> None:
    asked: list[bool] = []
    session_job = SessionJob(answers([], asked), seconds=2.0)
    begin(session_job)
    until(lambda: session_job.job is None)
    assert budget.left == LIMIT
    until(lambda: new_threads() == 0)
    assert asked == [False] * 4  # so often in that time


def test_who_comes_back_in_time_keeps_the_batch(begin: Begin) -> None:
    asked: list[bool] = []
    away, here = [False] * 3, [True]
    session_job = SessionJob(answers(away + here + away + here, asked), seconds=0.04)
    begin(session_job)
    until(lambda: session_job.job is None)
    assert asked == away + here + away + here + [False] * 4


def test_one_thread_looks_however_many_batches_there_were(
    begin: Begin, new_threads: Callable[[], int]
) -> None:
    session_job = SessionJob(lambda: True, LONG)
    jobs = [begin(session_job) for _ in range(3)]
    until(lambda: new_threads() == 1)
    assert session_job.job is jobs[-1]
    session_job.clear()  # and with it the thread goes, at once
    until(lambda: new_threads() == 0)


def test_looking_does_not_stop_the_batch_that_came_next(
    begin: Begin, new_threads: Callable[[], int]
) -> None:
    """The last look finds the visitor away in the moment in which another batch begins."""
    looking, go_on = threading.Event(), threading.Event()

    def is_here() -> bool:
        looking.set()
        assert go_on.wait(60)
        return False

    session_job = SessionJob(is_here, seconds=0.0)
    begin(session_job)
    assert looking.wait(60)
    session_job._seconds = LONG
    job = begin(session_job)
    go_on.set()
    until(lambda: new_threads() == 1)
    assert session_job.job is job
    session_job.clear()


def test_streamlit_says_who_is_here(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    is_here = page.session_state["session_job"]._is_here
    assert not is_here()  # there is no server
    active = {"test session id"}  # as AppTest calls it
    monkeypatch.setattr(session_job, "exists", lambda: True)
    monkeypatch.setattr(
        session_job, "get_instance", lambda: SimpleNamespace(is_active_session=active.__contains__)
    )
    assert is_here()
    active.clear()
    assert not is_here()


def test_the_files_of_a_batch_are_nowhere_else(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else "Clear" would leave them in what Streamlit keeps of the session."""
    managers: list[MemoryUploadedFileManager] = []
    add = MemoryUploadedFileManager.add_file

    def noted(manager: MemoryUploadedFileManager, *arguments: object, **named: object) -> None:
        managers.append(manager)
        add(manager, *arguments, **named)

    monkeypatch.setattr(MemoryUploadedFileManager, "add_file", noted)
    start(page, FILES)
    assert not any(managers[-1].file_storage.values())
