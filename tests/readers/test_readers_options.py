"""Frames and windows by choice, and windowing without decoding again."""

import hashlib
import pickle
from io import BytesIO

import numpy as np
import pytest
import tifffile

from tests.readers.reader_files import DEEP, RAMP, TWELVE, dicom, lut_item, pillow, png
from xray_app.core.errors import InputError, UnknownChoice
from xray_app.readers import ReadOptions, read_radiograph, rewindow

WINDOWED = dicom(
    TWELVE,
    bits=12,
    RescaleSlope="2",
    RescaleIntercept="-1024",
    WindowCenter=[1024.0, 300.0],
    WindowWidth=[4096.0, 600.0],
    VOILUTSequence=[lut_item(range(4096), 2**16 - 1024, 12)],
    PhotometricInterpretation="MONOCHROME1",
)


def pages(*arrays, **options):
    out = BytesIO()
    with tifffile.TiffWriter(out) as writer:
        for array in arrays:
            writer.write(array, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    "options",
    [
        {"frame": 0},
        {"low": 1.0},
        {"high": 1.0},
        {"low": 2.0, "high": 2.0},
        {"low": 0.0, "high": float("inf")},
        {"low": float("nan"), "high": 1.0},
        {"low": 0.0, "high": 1.0, "window": "range"},
    ],
)
def test_contradictory_options(options):
    with pytest.raises(InputError, match=r"Expected .* received .*\. \w+"):
        ReadOptions(**options)


def test_options_are_hashable():
    assert len({ReadOptions(), ReadOptions(frame=1), ReadOptions(frame=2)}) == 2


def test_offers_and_the_default():
    controls = read_radiograph(WINDOWED).controls
    assert [offer.name for offer in controls.offers] == [
        "table 1",
        "window 1",
        "window 2",
        "range",
    ]
    assert controls.chosen == "table 1"
    assert controls.window is None
    assert controls.is_windowable
    assert controls.value_range == (-1024.0, 2.0 * TWELVE.max() - 1024)
    assert "center 300, width 600" in controls.offers[2].label
    # C.11.2.1.2.1: c - 0.5 -+ (w - 1) / 2
    assert (controls.offers[2].low, controls.offers[2].high) == (0.0, 599.0)


@pytest.mark.parametrize("name", ["window 1", "window 2", "range"])
def test_an_offer_by_name_equals_its_ends(name):
    offered = read_radiograph(WINDOWED, options=ReadOptions(window=name))
    assert offered.controls.chosen == name
    by_hand = rewindow(read_radiograph(WINDOWED), *offered.controls.window)
    np.testing.assert_allclose(offered.pixels, by_hand.pixels, atol=4095 * 1e-5)


def test_unknown_choices_are_named():
    with pytest.raises(UnknownChoice, match="'window 9'; expected one of range, table 1"):
        read_radiograph(WINDOWED, options=ReadOptions(window="window 9"))
    with pytest.raises(UnknownChoice, match="frame or page from 1 to 1, received 2"):
        read_radiograph(WINDOWED, options=ReadOptions(frame=2))
    with pytest.raises(UnknownChoice, match="from 1 to 1"):
        read_radiograph(pillow(RAMP, "BMP"), options=ReadOptions(frame=2))


def test_frames_of_dicom():
    data = dicom(np.stack([RAMP, RAMP[::-1], RAMP.T]))
    for frame, expected in enumerate((RAMP, RAMP[::-1], RAMP.T), 1):
        radiograph = read_radiograph(data, options=ReadOptions(frame))
        np.testing.assert_array_equal(radiograph.stored, expected)
        assert (radiograph.controls.frame, radiograph.controls.frames) == (frame, 3)
        assert radiograph.notices == (f"The file holds 3 frames; frame {frame} is shown.",)


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_pages_of_a_tiff(compression):
    data = pages(DEEP, RAMP, compression=compression)
    second = read_radiograph(data, options=ReadOptions(frame=2))
    np.testing.assert_array_equal(second.pixels, RAMP)
    assert second.notices == ("The file holds 2 pages; page 2 is shown.",)
    with pytest.raises(UnknownChoice, match="from 1 to 2, received 3"):
        read_radiograph(data, options=ReadOptions(frame=3))


def test_pages_that_point_at_one_another_end():
    data = bytearray(pages(DEEP))  # little-endian, as this machine
    first = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[first : first + 2], "little")
    end = first + 2 + 12 * count
    data[end : end + 4] = first.to_bytes(4, "little")
    radiograph = read_radiograph(bytes(data))
    np.testing.assert_array_equal(radiograph.pixels, DEEP)


@pytest.mark.parametrize(
    "data", [WINDOWED, png(DEEP), pages(DEEP.astype(np.float32)), pages(DEEP.astype(np.int16))]
)
def test_rewindow_is_reading_with_the_same_ends(data):
    original = read_radiograph(data)
    redrawn = rewindow(original, 500, 1500)
    read = read_radiograph(data, options=ReadOptions(low=500.0, high=1500.0))
    np.testing.assert_array_equal(redrawn.pixels, read.pixels)
    assert redrawn.digest == read.digest
    assert redrawn.steps == read.steps
    assert redrawn.notices == read.notices
    assert redrawn.controls.window == read.controls.window == (500.0, 1500.0)
    assert redrawn.controls.offers == original.controls.offers
    assert not redrawn.pixels.flags.writeable
    again = rewindow(rewindow(redrawn, 1, 2), 500, 1500)
    assert (again.digest, again.steps) == (redrawn.digest, redrawn.steps)


def test_rewindow_by_hand():
    original = read_radiograph(WINDOWED)
    redrawn = rewindow(original, 0, 1000)
    x = TWELVE * 2.0 - 1024
    expected = 4095 - np.clip(x / 1000, 0, 1) * 4095
    np.testing.assert_allclose(redrawn.pixels, expected, rtol=1e-5, atol=1e-3)
    assert [step.name for step in redrawn.steps] == [
        "Decoded",
        "Modality LUT",
        "VOI window",
        "Inverted",
    ]
    assert redrawn.steps[2].detail == "chosen: LINEAR_EXACT, center 500, width 1000"
    assert redrawn.steps[2].before == (-1024.0, 2.0 * TWELVE.max() - 1024)
    assert redrawn.stored is original.stored


def test_rewindow_replaces_notices_that_no_longer_hold():
    dark = read_radiograph(png(TWELVE >> 4))
    assert "looks dark" in dark.notices[0]
    assert not rewindow(dark, 0, 255).notices
    assert "same value" in rewindow(dark, 300, 400).notices[0]
    floats = read_radiograph(pages(np.array([[0.0, 9.0]], np.float32)))
    assert "largest one is taken" in floats.notices[0]
    assert not rewindow(floats, 0, 9).notices


@pytest.mark.parametrize(("low", "high"), [(5, 5), (9, 1), (0, float("nan"))])
def test_rewindow_refuses_what_is_no_window(low, high):
    with pytest.raises(InputError, match="Widen it"):
        rewindow(read_radiograph(png(DEEP)), low, high)


def test_digests_tell_choices_apart():
    data = dicom(
        np.stack([TWELVE, TWELVE[::-1]]), bits=12, WindowCenter=[9, 99], WindowWidth=[9, 9]
    )
    choices = [
        ReadOptions(),
        ReadOptions(frame=2),
        ReadOptions(window="window 2"),
        ReadOptions(window="range"),
        ReadOptions(low=0.0, high=9.0),
        ReadOptions(low=0.0, high=8.0),
        ReadOptions(frame=2, low=0.0, high=9.0),
    ]
    digests = [read_radiograph(data, options=options).digest for options in choices]
    assert len(set(digests)) == len(choices)
    assert digests[0] == hashlib.sha256(data).hexdigest()
    assert all(len(digest) == 64 for digest in digests)
    same = read_radiograph(data, options=ReadOptions(window="window 1"))
    assert same.digest == digests[0]


def test_the_whole_scale_is_the_default_of_other_formats():
    radiograph = read_radiograph(png(DEEP))
    assert [offer.name for offer in radiograph.controls.offers] == ["declared", "range"]
    assert radiograph.controls.window == (0.0, 65535.0)
    assert radiograph.controls.is_windowable
    np.testing.assert_allclose(rewindow(radiograph, 0, 65535).pixels, DEEP, rtol=1e-6)
    ranged = read_radiograph(png(TWELVE), options=ReadOptions(window="range"))
    assert ranged.pixels.max() == 65535.0
    assert not read_radiograph(png(RAMP)).controls.is_windowable


@pytest.mark.parametrize("data", [WINDOWED, png(DEEP), pages(RAMP)])
def test_a_radiograph_can_be_pickled(data):
    original = read_radiograph(data)
    copy = pickle.loads(pickle.dumps(original))
    np.testing.assert_array_equal(copy.pixels, original.pixels)
    np.testing.assert_array_equal(copy.stored, original.stored)
    assert not copy.pixels.flags.writeable
    assert not copy.stored.flags.writeable
    assert copy.technical == original.technical
    with pytest.raises(TypeError):
        copy.technical["Modality"] = "CT"
    assert (copy.steps, copy.digest, copy.notices) == (
        original.steps,
        original.digest,
        original.notices,
    )
    np.testing.assert_array_equal(rewindow(copy, 1, 9).pixels, rewindow(original, 1, 9).pixels)
