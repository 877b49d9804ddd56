"""What the viewer gets of a radiograph, against what the reader shows."""

import zlib

import numpy as np
import pytest

from tests.conftest import make_radiograph
from tests.readers.reader_files import dicom, png
from xray_app.core import Radiograph
from xray_app.core.images import corrected
from xray_app.presentation import viewing
from xray_app.presentation.viewing import ViewedPixels, presets, viewed_pixels
from xray_app.readers import read_radiograph

RAMP = np.arange(4096, dtype=np.uint16).reshape(64, 64)
SIGNED = (RAMP.astype(np.int16) - 2048) * 16
SQUARES = (np.arange(4096) ** 2 // 4096).astype("<u2")
TABLE = [{"LUTDescriptor": [4096, 0, 12], "LUTData": SQUARES.tobytes()}]


def unpack(data: bytes, height: int, width: int, *, wide: bool) -> np.ndarray:
    """By running sums: what the viewer's script does pixel by pixel."""
    planes = np.frombuffer(zlib.decompress(data), np.uint8).astype(np.int64)
    if wide:
        high, low = planes.reshape(2, height, width)
        folded = 256 * high + low
        difference = np.where(folded % 2, -(folded + 1) // 2, folded // 2)
        return np.cumsum(difference, axis=1) % 2**16
    return np.cumsum(planes.reshape(height, width), axis=1) % 2**8


def codes_of(viewed: ViewedPixels) -> np.ndarray:
    return unpack(viewed.data, viewed.height, viewed.width, wide=viewed.wide)


def shown(radiograph: Radiograph) -> np.ndarray:
    """Gray from 0 to 255 under the model's own window, put together as the viewer does."""
    viewed, controls = viewed_pixels(radiograph), radiograph.controls
    offered = {preset.name: preset for preset in presets(radiograph, viewed)}
    preset = offered[controls.chosen] if controls else next(iter(offered.values()))
    if preset.gray is not None:
        gray = preset.gray.astype(float)
    else:
        gray = (viewed.values - preset.low) / (preset.high - preset.low) * 255.0
    gray = np.clip(gray, 0.0, 255.0)
    if controls and controls.inverted:
        gray = 255.0 - gray
    if viewed.padding:
        gray[viewed.padding[0] : viewed.padding[1] + 1] = 0.0
    picture = gray[codes_of(viewed)]
    if viewed.hidden:
        hidden = unpack(viewed.hidden, viewed.height, viewed.width, wide=False)
        picture[hidden == 1] = 255.0 * controls.shutter.gray
    return picture


def sequence(items: list[dict]) -> list:
    from pydicom import Dataset

    made = []
    for item in items:
        dataset = Dataset()
        for keyword, value in item.items():
            setattr(dataset, keyword, value)
        made.append(dataset)
    return made


FILES = {
    "8 bits": lambda: png((RAMP // 16).astype(np.uint8)),
    "16 bits": lambda: png(RAMP * 16),
    "no window": lambda: dicom(RAMP, bits=12),
    "window": lambda: dicom(RAMP, bits=12, WindowCenter=1000, WindowWidth=700),
    "one level": lambda: dicom(RAMP, bits=12, WindowCenter=1000, WindowWidth=1),
    "sigmoid": lambda: dicom(
        RAMP, bits=12, WindowCenter=2000, WindowWidth=900, VOILUTFunction="SIGMOID"
    ),
    "table": lambda: dicom(RAMP, bits=12, VOILUTSequence=sequence(TABLE)),
    "modality table": lambda: dicom(
        RAMP, bits=12, ModalityLUTSequence=sequence(TABLE), WindowCenter=900, WindowWidth=800
    ),
    "signed, rescaled, inverse": lambda: dicom(
        SIGNED, RescaleSlope=-0.5, RescaleIntercept=3, WindowCenter=0, WindowWidth=20000,
        PresentationLUTShape="INVERSE",
    ),
    "padding and shutter": lambda: dicom(
        RAMP, bits=12, PhotometricInterpretation="MONOCHROME1", PixelPaddingValue=4000,
        PixelPaddingRangeLimit=4095, ShutterShape="RECTANGULAR", ShutterLeftVerticalEdge=9,
        ShutterRightVerticalEdge=60, ShutterUpperHorizontalEdge=5, ShutterLowerHorizontalEdge=60,
        ShutterPresentationValue=32768,
    ),
    "32 bits": lambda: dicom(RAMP.astype(np.uint32) * 70_000, WindowCenter=1e8, WindowWidth=1e8),
    "floats": lambda: dicom(RAMP.astype(np.float32) / 7.0 - 100.0),
    "colours": lambda: png(np.stack([RAMP // 16, RAMP // 32, RAMP // 64], -1).astype(np.uint8)),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_the_viewer_shows_what_the_model_gets(name: str) -> None:
    radiograph = read_radiograph(FILES[name]())
    assert np.abs(shown(radiograph) - 255.0 * radiograph.display).max() <= 0.51


@pytest.mark.parametrize("name", FILES)
def test_each_value_is_the_files(name: str) -> None:
    radiograph = read_radiograph(FILES[name]())
    controls, viewed = radiograph.controls, viewed_pixels(radiograph)
    stored = radiograph.stored
    values = (stored if controls.modality is None else controls.modality(stored)).astype(float)
    assert viewed.is_exact == (name not in {"32 bits", "floats", "colours"})
    off = np.abs(viewed.values[codes_of(viewed)] - values).max()
    assert off == 0.0 if viewed.is_exact else off <= np.ptp(values) / 65535


@pytest.mark.parametrize("value", [0, 255])
def test_an_image_of_one_value(value: int) -> None:
    viewed = viewed_pixels(make_radiograph(np.full((3, 5), value, np.uint8)))
    assert viewed.values.tolist() == [float(value)]
    assert not codes_of(viewed).any()


def test_a_corrected_image_is_seen_as_corrected() -> None:
    radiograph = corrected(read_radiograph(FILES["window"]()), "invert")
    assert np.abs(shown(radiograph) - 255.0 * radiograph.display).max() <= 0.51


def test_the_lung_like_window_spans_the_darker_part() -> None:
    """Of the values 0 to 4095, once each, 2 % are below 82 and 70 % below 2867."""
    plain = read_radiograph(FILES["no window"]())
    assert viewed_pixels(plain).dark == (81.0, 2867.0)
    inverted = read_radiograph(dicom(RAMP, bits=12, PhotometricInterpretation="MONOCHROME1"))
    assert viewed_pixels(inverted).dark == (1228.0, 4014.0)


def test_padding_does_not_set_the_lung_like_window() -> None:
    stored = np.full((10, 10), 4000, np.uint16)
    stored[0] = np.arange(10)
    data = dicom(stored, bits=12, PixelPaddingValue=4000)
    assert viewed_pixels(read_radiograph(data)).dark == (0.0, 6.0)


def test_the_files_windows_come_by_name() -> None:
    data = dicom(
        RAMP, bits=12, WindowCenter=[1000, 2000], WindowWidth=[700, 100],
        WindowCenterWidthExplanation=["NORMAL", "LUNG"],
    )  # fmt: skip
    radiograph = read_radiograph(data)
    labels = [preset.label for preset in presets(radiograph, viewed_pixels(radiograph))]
    assert labels == [
        "Window 1, normal: center 1000, width 700",
        "Window 2, lung: center 2000, width 100",
        "The image's own range, 0 to 4095",
        "Lung-like: the darker part, percentiles 2 to 70",
    ]


def test_too_many_pixels_are_thinned_and_each_left_is_the_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(viewing, "_MOST_PIXELS", 1024)
    viewed = viewed_pixels(read_radiograph(FILES["no window"]()))
    assert (viewed.step, viewed.height, viewed.width) == (2, 32, 32)
    assert np.array_equal(viewed.values[codes_of(viewed)], RAMP[::2, ::2])
