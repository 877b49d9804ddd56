"""TFLite models of strangers: float and whole numbers, metadata, damaged files."""

import io
import zipfile
from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from numpy.testing import assert_allclose

from xray_app.core.errors import UnreadableFile, UnsupportedFile
from xray_app.engines.facts import Layout, Quantization
from xray_app.engines.networks.examining import examine_network, is_network
from xray_app.engines.networks.lite_metadata import read_labels, read_normalization
from xray_app.engines.networks.lite_network import LiteNetwork
from xray_app.engines.networks.measuring import measure_layers
from xray_app.engines.networks.network import ImageInput, StepName
from xray_app.inspection.expectation import expected_of

CLASSES = 3


def saved(data: bytes, folder: Path) -> Path:
    path = folder / "model.tflite"
    path.write_bytes(data)
    return path


def test_float(converted: dict[str, bytes], tmp_path: Path) -> None:
    path = saved(converted["float"], tmp_path)
    assert is_network(path)
    facts = examine_network(path)
    assert (facts.file_format, facts.layout, facts.input_shape) == ("tflite", "NHWC", (32, 32, 3))
    assert (facts.outputs, facts.output_kind, facts.maps) == (CLASSES, "softmax", "exact")
    assert facts.quantization is None
    network = LiteNetwork(path)
    kernel = np.frombuffer(converted["kernel"], np.float32).reshape(8, CLASSES)
    assert network.dense is not None
    assert_allclose(network.dense, kernel, rtol=1e-6)
    image = np.frombuffer(converted["image"], np.float32).reshape(1, 32, 32, 3)
    logits = network.run(image).outputs
    answer = np.exp(logits) / np.exp(logits).sum()
    assert_allclose(answer[0], np.frombuffer(converted["answer"], np.float32), atol=1e-5)


def test_any_size_is_run_at_the_size_of_the_image(
    converted: dict[str, bytes], tmp_path: Path
) -> None:
    path = saved(converted["free"], tmp_path)
    assert examine_network(path).input_shape == (None, None, 3)
    network = LiteNetwork(path)
    image = np.frombuffer(converted["image"], np.float32).reshape(1, 32, 32, 3)
    larger = np.tile(image, (1, 2, 2, 1))[:, :48, :40]
    for fed, name in ((larger, "larger_answer"), (image, "answer"), (larger, "larger_answer")):
        logits = network.run(fed).outputs
        answer = np.exp(logits) / np.exp(logits).sum()
        assert_allclose(answer[0], np.frombuffer(converted[name], np.float32), atol=1e-5)
        assert network.front(fed)[-1].shape == fed.shape


@pytest.mark.parametrize(("kind", "zero"), [("uint8", 127.5), ("int8", -0.5)])
def test_scale_and_zero_point_are_part_of_the_contract(
    converted: dict[str, bytes], kind: str, zero: float, tmp_path: Path
) -> None:
    facts = examine_network(saved(converted[kind], tmp_path))
    stored = facts.quantization
    assert stored is not None
    assert stored.dtype == kind
    assert stored.scale == pytest.approx(2 / 255, rel=1e-3)
    assert abs(stored.zero_point - zero) <= 1
    assert stored.ends == pytest.approx((-1.0, 1.0), abs=0.01)
    # Bytes are what is stored: black arrives as -1 and white as 1; an image of [0, 1] is gone.
    assert facts.ranges["raw"][0] == pytest.approx((-1.0,) * 3, abs=0.01)
    assert facts.ranges["raw"][1] == pytest.approx((1.0,) * 3, abs=0.01)
    width = facts.ranges["rescale"][1][0] - facts.ranges["rescale"][0][0]
    assert width == pytest.approx(2 / 255, rel=1e-2)
    assert_allclose(facts.affine.gain, 2 / 255, rtol=1e-3)
    (step,) = facts.layers  # so that what training spans is told in the same numbers
    assert (step.kind, step.constants["scale"]) == ("Quantization", (stored.scale,))
    found = expected_of(facts)
    assert (found.scheme, found.measured) == ("raw", True)
    assert "floats from 0 to 1 put in would be rounded to 0 and 1" in found.reason


@pytest.mark.parametrize(
    ("stored", "takes_bytes"),
    [
        (Quantization("uint8", 1 / 255, 0), True),
        (Quantization("int8", 1 / 255, -128), True),
        (Quantization("uint8", 1.0, 0), True),
        (Quantization("uint8", 4.75 / 255, 114), False),  # ImageNet's range
    ],
)
def test_when_bytes_are_what_is_stored(stored: Quantization, takes_bytes: bool) -> None:
    assert stored.takes_bytes is takes_bytes


class Stored:
    """A network that does nothing but store its images as whole numbers."""

    steps = (StepName("input", "Quantization", {}),)

    def __init__(self, stored: Quantization, layout: Layout) -> None:
        self.image = ImageInput(32, 24, 3, layout, stored.dtype, 1, stored)

    def front(self, batch: np.ndarray) -> list[np.ndarray]:
        stored, quantization = self.image.stored(batch), self.image.quantization
        assert quantization is not None
        real = (stored.astype(np.float64) - quantization.zero_point) * quantization.scale
        last = np.moveaxis(real, 1, -1) if self.image.layout == "NCHW" else real
        return [np.asarray(last, np.float32)] * 2


@pytest.mark.parametrize("layout", ["NHWC", "NCHW"])
@pytest.mark.parametrize(
    ("stored", "gain", "offset"),
    [
        (Quantization("uint8", 4.75 / 255, 114), 1.0, 0.0),  # real numbers of ImageNet's range
        (Quantization("int8", 4.75 / 255, -14), 1.0, 0.0),
        (Quantization("uint8", 1 / 255, 0), 1 / 255, 0.0),  # bytes
        (Quantization("int8", 2 / 255, 0), 2 / 255, -256 / 255),  # bytes less 128
    ],
)
def test_what_storing_leaves_of_the_probes_is_what_is_fitted(
    stored: Quantization, gain: float, offset: float, layout: Layout
) -> None:
    layers, affine = measure_layers(Stored(stored, layout))
    for found in (affine, layers[0].affine):
        assert found is not None
        assert_allclose(found.gain, gain, rtol=1e-5)
        assert_allclose(found.offset, offset, rtol=1e-5, atol=1e-6)
        assert found.deviation < 1e-5


def test_cut_short_and_empty(converted: dict[str, bytes], tmp_path: Path) -> None:
    for data in (b"", converted["float"][:200], b"\x00" * 4 + b"TFL3" + b"\xff" * 300):
        with pytest.raises((UnreadableFile, UnsupportedFile)) as raised:
            examine_network(saved(data, tmp_path))
        assert "\n" not in str(raised.value)


def test_labels_behind_the_model() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("labels.txt", "normal\nbacterial\n\nviral\n")
    assert read_labels(b"model" + archive.getvalue()) == ("normal", "bacterial", "viral")
    assert read_labels(b"model alone") == ()


def test_normalization_in_the_metadata() -> None:
    assert read_normalization(_with_metadata(127.5, 128.0)) == ((127.5,), (128.0,))
    assert read_normalization(b"\xff" * 100) is None
    assert read_normalization(b"") is None


def _with_metadata(mean: float, std: float) -> bytes:
    """A model's buffers and metadata, and nothing else, by the schemas' field numbers."""
    inner = flatbuffers.Builder(256)
    unit = _table(
        inner,
        {0: ("uint8", 1), 1: ("offset", _table(inner, {0: _floats(inner, mean),
                                                       1: _floats(inner, std)}))},
    )  # fmt: skip
    tensor = _table(inner, {4: _offsets(inner, unit)})
    graph = _table(inner, {2: _offsets(inner, tensor)})
    inner.Finish(_table(inner, {3: _offsets(inner, graph)}))
    outer = flatbuffers.Builder(512)
    data = outer.CreateByteVector(bytes(inner.Output()))
    buffer = _table(outer, {0: ("offset", data)})
    name = outer.CreateString("TFLITE_METADATA")
    entry = _table(outer, {0: ("offset", name), 1: ("uint32", 0)})
    buffers, entries = _offsets(outer, buffer), _offsets(outer, entry)
    outer.Finish(_table(outer, {4: buffers, 6: entries}))
    return bytes(outer.Output())


def _table(builder: flatbuffers.Builder, fields: dict[int, tuple[str, int]]) -> int:
    builder.StartObject(8)
    for place, (kind, value) in fields.items():
        if kind == "offset":
            builder.PrependUOffsetTRelativeSlot(place, value, 0)
        elif kind == "uint8":
            builder.PrependUint8Slot(place, value, 0)
        else:
            builder.PrependUint32Slot(place, value, 1)
    return int(builder.EndObject())


def _floats(builder: flatbuffers.Builder, value: float) -> tuple[str, int]:
    builder.StartVector(4, 1, 4)
    builder.PrependFloat32(value)
    return "offset", int(builder.EndVector())


def _offsets(builder: flatbuffers.Builder, one: int) -> tuple[str, int]:
    builder.StartVector(4, 1, 4)
    builder.PrependUOffsetTRelative(one)
    return "offset", int(builder.EndVector())


def test_a_published_uint8_file(shared_directory: Path) -> None:
    """The right contract was found by running it on labelled films: bytes."""
    folder = shared_directory / "models" / "from_others" / "se_mobilenet_uint8_tflite"
    if not folder.is_dir():
        pytest.skip("models of others are not on this machine")
    facts = examine_network(folder / "covid_classifier.tflite")
    assert facts.quantization == Quantization("uint8", pytest.approx(1 / 255), 0)
    assert expected_of(facts).scheme == "raw"
    assert facts.outputs == 3
