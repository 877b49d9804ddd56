"""Windows and tables against PS3.3 C.11.2 written out pixel by pixel, and against pydicom."""

import math

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.pixels import apply_windowing
from pydicom.uid import ExplicitVRLittleEndian

from xray_app.readers.dicom.lut import LookupTable, lookup_table
from xray_app.readers.steps.voi import WINDOWS

VALUES = np.arange(0.0, 4096.0)
WHITE = 4095.0


def linear(x, c, w):  # C.11.2.1.2.1
    if x <= c - 0.5 - (w - 1) / 2:
        return 0.0
    if x > c - 0.5 + (w - 1) / 2:
        return WHITE
    return ((x - (c - 0.5)) / (w - 1) + 0.5) * WHITE


def linear_exact(x, c, w):  # C.11.2.1.3.2
    if x <= c - w / 2:
        return 0.0
    if x > c + w / 2:
        return WHITE
    return ((x - c) / w + 0.5) * WHITE


def sigmoid(x, c, w):  # C.11.2.1.3.1
    return WHITE / (1 + math.exp(-4 * (x - c) / w))


STANDARD = {"LINEAR": linear, "LINEAR_EXACT": linear_exact, "SIGMOID": sigmoid}
SETTINGS = [
    (name, center, width)
    for name in STANDARD
    for center, width in ((2048, 4096), (1000, 1), (1000.5, 2), (300, 4000), (-50, 77.7))
    if name != "SIGMOID" or width > 20  # exp overflows in the narrow ones, also in pydicom
]


def test_every_window_is_tested():
    assert STANDARD.keys() == WINDOWS.keys()


@pytest.mark.parametrize(("name", "center", "width"), SETTINGS)
def test_windows_follow_the_standard(name, center, width):
    actual = WINDOWS[name].apply(VALUES, center, width, WHITE)
    expected = [STANDARD[name](x, center, width) for x in VALUES]
    np.testing.assert_allclose(actual, expected, atol=1e-9 * WHITE)


@pytest.mark.parametrize(("name", "center", "width"), SETTINGS)
def test_windows_agree_with_pydicom(name, center, width):
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsStored, dataset.PixelRepresentation = 12, 0
    dataset.WindowCenter, dataset.WindowWidth, dataset.VOILUTFunction = center, width, name
    expected = apply_windowing(VALUES.astype(np.uint16), dataset)
    actual = WINDOWS[name].apply(VALUES, center, width, WHITE)
    np.testing.assert_allclose(actual, expected, atol=1e-9 * WHITE)


def test_linear_by_hand():
    # the standard's own example for c = 2048, w = 4096: identity on 12 bits
    np.testing.assert_allclose(WINDOWS["LINEAR"].apply(VALUES, 2048, 4096, WHITE), VALUES)
    np.testing.assert_array_equal(
        WINDOWS["LINEAR"].apply(np.array([0.0, 1.0, 2.0]), 1, 1, 7.0), [0.0, 7.0, 7.0]
    )


def test_sigmoid_does_not_overflow():
    extreme = np.array([-1e9, 0.0, 1e9])
    np.testing.assert_allclose(WINDOWS["SIGMOID"].apply(extreme, 0, 1, 8.0), [0, 4, 8], atol=1e-9)


def test_narrowest_windows():
    assert WINDOWS["LINEAR"].is_valid(1.0)
    assert not WINDOWS["LINEAR"].is_valid(0.99)
    assert WINDOWS["SIGMOID"].is_valid(0.01)
    assert not WINDOWS["LINEAR_EXACT"].is_valid(0.0)


def test_lookup_clamps_at_both_ends_and_accepts_a_negative_first():
    table = LookupTable(np.array([10, 20, 30], np.uint8), -1, 8)
    values = np.array([-99, -1, 0, 0.4, 1, 2, 65535])
    np.testing.assert_array_equal(table(values), [10, 10, 20, 20, 30, 30, 30])


@pytest.mark.parametrize(
    ("data", "little_endian"),
    [
        ([1, 2, 250], True),  # VR US
        (b"\1\0\2\0\xfa\0", True),  # VR OW, one entry a word
        (b"\0\1\0\2\0\xfa", False),
        (b"\1\2\xfa\0", True),  # VR OW, two entries a word, padded
        ([0x0201, 0x00FA], True),  # the same, read as VR US
    ],
)
def test_all_writings_of_a_table(data, little_endian):
    table = lookup_table((3, 5, 8), data, little_endian=little_endian)
    np.testing.assert_array_equal(table.entries, [1, 2, 250])
    assert (table.first, table.bits) == (5, 8)


def test_zero_entries_means_65536():
    table = lookup_table((0, 0, 16), list(range(65536)), little_endian=True)
    assert len(table.entries) == 65536


def test_a_table_that_is_too_short_goes_on_with_its_last_entry():
    table = lookup_table((9, 0, 16), [1, 2], little_endian=True)
    assert table(np.arange(9)).tolist() == [1, 2, 2, 2, 2, 2, 2, 2, 2]
    assert table.remark.startswith("7 of 9 entries are missing; the last stands in")


@pytest.mark.parametrize("data", [None, b"", [0, 0]])
def test_a_table_of_nothing(data):
    with pytest.raises(ValueError, match="without entries, or of zeros"):
        lookup_table((9, 0, 16), data, little_endian=True)
