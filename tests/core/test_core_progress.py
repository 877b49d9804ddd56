"""How far a job is."""

import io

import pytest

from xray_app.core.progress import Meter, Progress, TerminalProgress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_work_of_an_earlier_process_does_not_raise_the_rate() -> None:
    seen: list[Progress] = []
    now = iter([0.0, 2.0])
    meter = Meter(seen.append, clock=lambda: next(now))
    meter.expect(100)
    meter.skip(40)
    meter.advance(20, stage="training")
    assert seen == [Progress(60, 100, 10.0, 4.0, stage="training")]
    assert seen[0].text() == "training: 60 of 100 images, 10.0 a second, 4 s left"


def test_rate_and_time_left_are_of_the_last_half_minute() -> None:
    now = [0.0]
    meter = Meter(left=100, unit="rows", clock=lambda: now[0])
    now[0] = 0.5  # the first row starts the clock: what went before was starting up
    assert meter.advance().text() == "1 of 100 rows"
    now[0] = 1.0
    meter.advance()
    for _ in range(17):
        now[0] += 0.5
        meter.advance()
    now[0] += 0.5
    progress = meter.advance()
    assert progress == Progress(20, 100, pytest.approx(2.0), pytest.approx(40.0), "rows")
    assert progress.text() == "20 of 100 rows, 2.0 a second, 40 s left"
    assert meter.advance(finished=0).total == 101  # a file with a second frame
    now[0] += 60.0
    assert meter.advance().rate < 0.1  # what went before is out of the window


def test_nobody_counted() -> None:
    assert Progress(5, None, 1.0, None, "rows").text() == "5 rows, 1.0 a second"
    assert Meter().advance().total is None
    assert Progress(1, 2, 3.0, 7322.0).text().endswith("2 h 02 min left")
    assert Progress(1, 2, 3.0, 61.0).text().endswith("1 min 01 s left")


def test_a_log_gets_a_line_now_and_then() -> None:
    log = io.StringIO()
    show = TerminalProgress(log, clock=iter(range(0, 1000, 10)).__next__)
    for done in range(8):  # 10 seconds each
        show(Progress(done, 9))
    show(Progress(message="Skipped one."))
    expected = ["2 of 9 images", "5 of 9 images", "Skipped one."]
    assert log.getvalue().splitlines() == expected


def test_a_terminal_keeps_one_line_until_the_end() -> None:
    terminal = Terminal()
    show = TerminalProgress(terminal, clock=iter(range(1000)).__next__)
    show(Progress(1, 2))
    assert "\n" not in terminal.getvalue() and "#" in terminal.getvalue()
    show(Progress(message="Skipped one."))
    assert terminal.getvalue().endswith("\nSkipped one.\n")
    show(Progress(1, 2))
    show.end()
    show.end()
    assert terminal.getvalue().endswith("1 of 2 images\n")
