"""A short run of the robustness suite, and a short fuzz. The long run is benchmarks.robustness."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.robustness import GOOD, markdown, run
from tests.readers.corpus import whole_files
from xray_app.core.errors import InputError
from xray_app.readers import READERS, expand_isolated, read_isolated

EVERY = 23
SMALL = [case for case in whole_files() if 200 < len(case.data) < 20_000]


def test_one_case_in_many():
    report = run(EVERY)
    assert report.available >= 5_000
    wrong = [(c.source, c.damage, v, why) for c, v, why in report.listed if v not in GOOD]
    assert not wrong
    assert report.total > 200
    assert report.slowest < 20.0
    assert f"| {report.total} |" in markdown(report)


@st.composite
def damaged(draw):
    data = bytearray(draw(st.sampled_from(SMALL)).data)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data) - 1))
        data[at] = draw(st.sampled_from((0, 1, 0x7F, 0x80, 0xFE, 0xFF)) | st.integers(0, 255))
    keep = draw(st.integers(0, len(data)) | st.just(len(data)))
    return bytes(data[:keep])


@st.composite
def headed(draw):
    starts = (b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*", b"\xff\xd8\xff", b"BM", b"GIF89a")
    starts += (b"RIFF\0\0\0\0WEBP", bytes(128) + b"DICM", b"PK\x03\x04", b"II+\0\x08\0\0\0")
    return draw(st.sampled_from(starts)) + draw(st.binary(max_size=300))


@pytest.mark.parametrize("strategy", [damaged(), headed()], ids=["damaged", "headed"])
def test_fuzz(strategy):
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def reads_or_says_why(data):
        for read in (read_isolated, expand_isolated):
            try:
                read(data, "x")
            except InputError as error:
                assert str(error).endswith(".")
                assert str(error).isprintable()

    reads_or_says_why()


def test_every_reader_is_in_the_suite():
    found = set()
    for case in whole_files():
        found |= {reader.name for reader in READERS.values() if reader.sniff(case.data)}
    assert found == READERS.keys()
