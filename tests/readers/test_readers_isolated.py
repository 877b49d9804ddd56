"""What a file does to its decoder stays in the decoder's process."""

import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.readers.reader_files import DEEP, RAMP, dicom, pillow, png
from xray_app.core.errors import (
    FileTooLarge,
    InputError,
    UnknownChoice,
    UnreadableFile,
    UnsupportedFile,
    XrayAppError,
)
from xray_app.readers import (
    ReadOptions,
    expand_isolated,
    limits,
    read_isolated,
    read_radiograph,
    rewindow,
    warm_up,
)
from xray_app.readers.sandbox.pool import Pool

needs_limits = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")


@pytest.fixture(scope="module")
def pool():
    misbehaving = Pool(size=1, seconds=1, module="tests.readers.misbehaving")
    yield misbehaving
    misbehaving.close()


@pytest.mark.parametrize(
    ("data", "options"),
    [
        (png(DEEP), ReadOptions()),
        (png(DEEP), ReadOptions(low=5.0, high=999.0)),
        (pillow(RAMP, "JPEG"), ReadOptions()),
        (
            dicom(
                np.stack([DEEP, DEEP[::-1]]),
                WindowCenter=9000,
                WindowWidth=7000,
                RescaleSlope=2,
                RescaleIntercept=1,
                PhotometricInterpretation="MONOCHROME1",
            ),
            ReadOptions(frame=2),
        ),
    ],
)
def test_the_same_radiograph_as_without(data, options):
    apart, here = (read(data, "x", options) for read in (read_isolated, read_radiograph))
    np.testing.assert_array_equal(apart.pixels, here.pixels)
    np.testing.assert_array_equal(apart.stored, here.stored)
    assert apart.stored.dtype == here.stored.dtype
    assert not apart.pixels.flags.writeable
    for field in ("white", "file_format", "bits", "steps", "digest", "notices", "technical"):
        assert getattr(apart, field) == getattr(here, field)
    for field in ("offers", "window", "frames", "value_range", "chosen"):
        assert getattr(apart.controls, field) == getattr(here.controls, field)
    np.testing.assert_array_equal(rewindow(apart, 1, 9).pixels, rewindow(here, 1, 9).pixels)


@pytest.mark.parametrize(
    ("data", "options"),
    [
        (b"", ReadOptions()),
        (b"text, not an image", ReadOptions()),
        (png(DEEP)[:60], ReadOptions()),
        (dicom(RAMP, Rows=40_000, Columns=40_000), ReadOptions()),
        (png(RAMP), ReadOptions(frame=2)),
    ],
)
def test_the_same_errors_as_without(data, options):
    with pytest.raises(InputError) as here:
        read_radiograph(data, "folder/x.png", options)
    with pytest.raises(InputError) as apart:
        read_isolated(data, "folder/x.png", options)
    assert type(apart.value) is type(here.value)
    assert str(apart.value) == str(here.value)


def test_too_large_a_file_is_not_even_sent(monkeypatch):
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", 100)
    with pytest.raises(FileTooLarge, match="Expected at most"):
        read_isolated(png(DEEP))


@needs_limits
def test_a_crash_costs_one_answer(pool):
    for _ in range(2):
        with pytest.raises(UnreadableFile, match="the decoder stopped"):
            pool.ask("crash")
        assert pool.ask("remember", 1) == 1


@needs_limits
def test_a_hang_ends_in_time(pool):
    start = time.perf_counter()
    with pytest.raises(FileTooLarge, match="within 1 s,"):
        pool.ask("hang")
    assert time.perf_counter() - start < 4.0
    assert pool.ask("remember", 1) == 1


@needs_limits
@pytest.mark.parametrize(
    ("task", "sentence"),
    [("stall", "did not answer and was ended"), ("killed", "was ended from outside")],
)
def test_what_befalls_the_decoder_is_no_fault_of_the_file(pool, task, sentence):
    start = time.perf_counter()
    with pytest.raises(InputError, match=sentence) as caught:
        pool.ask(task)
    assert not isinstance(caught.value, UnreadableFile)
    assert "damaged" not in str(caught.value)
    assert time.perf_counter() - start < 8.0
    assert pool.ask("remember", 1) == 1


@needs_limits
def test_too_much_memory_is_refused(pool):
    with pytest.raises(FileTooLarge, match="more memory"):
        pool.ask("hog")


@needs_limits
def test_one_file_never_meets_the_memory_of_another(pool):
    assert [pool.ask("remember", i) for i in range(3)] == [1, 1, 1]


@needs_limits
def test_the_operating_system_lets_it_write_no_file(pool, tmp_path):
    target = tmp_path / "copy"
    with pytest.raises(UnreadableFile):
        pool.ask("leave", str(target))
    assert not target.exists() or target.stat().st_size == 0


def test_what_decoders_print_is_lost(pool, capfd):
    assert pool.ask("chatter") == "said"
    assert capfd.readouterr() == ("", "")


def test_errors_cross_by_name_and_internal_words_do_not(pool):
    with pytest.raises(UnsupportedFile, match=r"^Expected this, received that\. Do so\.$"):
        pool.ask("refuse")
    with pytest.raises(UnreadableFile) as caught:
        pool.ask("fail")
    assert "Doe" not in str(caught.value)


def test_an_answer_can_name_nothing_but_a_radiograph(pool):
    with pytest.raises(UnreadableFile):
        pool.ask("smuggle")
    assert pool.ask("remember", 1) == 1


def test_a_process_that_was_killed_is_replaced():
    killed = Pool(size=1)
    assert killed.ask("read", png(RAMP), "", ReadOptions()).bits == 8
    process = killed._idle.get()
    os.kill(process._child._process.pid, signal.SIGKILL)
    process._child._process.wait()
    killed._idle.put(process)
    assert killed.ask("read", png(RAMP), "", ReadOptions()).bits == 8
    killed.close()


def test_a_process_that_does_not_start_is_said_so():
    broken = Pool(size=1, module="xray_app.readers.does_not_exist")
    with pytest.raises(XrayAppError, match="didn't start"):
        broken.ask("read", png(RAMP), "", ReadOptions())
    broken.close()


def test_many_threads():
    files = [png(np.full((40, 50), value, np.uint8)) for value in range(24)]
    with ThreadPoolExecutor(8) as threads:
        radiographs = list(threads.map(read_isolated, files))
    assert [int(r.pixels.max()) for r in radiographs] == list(range(24))


@needs_limits
def test_a_slow_file_does_not_stop_another():
    pool = Pool(size=2, seconds=1, module="tests.readers.misbehaving")
    with ThreadPoolExecutor(2) as threads:  # start both
        assert len(set(threads.map(lambda s: pool.ask("sleep", s), (0.5, 0.5)))) == 2
    slow = threading.Thread(target=lambda: pool.ask("sleep", 0.8))
    slow.start()
    time.sleep(0.1)
    assert pool.ask("remember", 1) == 1
    assert slow.is_alive()
    slow.join()
    pool.close()


def test_closing_ends_all_processes():
    pool = Pool(size=2)
    pool.ask("read", png(RAMP), "", ReadOptions())
    process = pool._idle.queue[-1]._child._process
    pool.close()
    assert process.returncode is not None
    assert pool.ask("read", png(RAMP), "", ReadOptions()).bits == 8  # and it can be used again
    pool.close()


def test_warm_up_and_expand():
    warm_up()
    warm_up()
    assert expand_isolated(png(RAMP), "a/b.png") == [("b.png", png(RAMP))]
    with pytest.raises(UnreadableFile, match=r"^b\.zip: Expected a whole ZIP"):
        expand_isolated(b"PK\x03\x04" + bytes(50), "a/b.zip")


def test_unknown_choice_crosses():
    with pytest.raises(UnknownChoice, match="window"):
        read_isolated(png(RAMP), options=ReadOptions(window="lung"))
