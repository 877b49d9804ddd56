"""ONNX models of strangers: read, measured, or refused in one sentence."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.testing import assert_allclose
from onnx import TensorProto, helper

from tests.engines.onnx_models import (
    MEAN,
    STD,
    Written,
    classifier,
    endless,
    enormous,
    external,
    growing,
    kernel,
    long,
    saved,
    standardised,
    transformer,
)
from xray_app.core.errors import EngineError, UnreadableFile, UnsupportedFile, XrayAppError
from xray_app.engines import ModelFacts, call_in_child
from xray_app.engines.networks.examining import NETWORK_MEMORY, examine_network, is_network
from xray_app.engines.networks.measuring import head_kernel
from xray_app.engines.networks.onnx_network import OnnxNetwork
from xray_app.inspection.using import fitting_explanations


def examined(model: onnx.ModelProto, folder: Path) -> ModelFacts:
    return examine_network(saved(model, folder))


def test_channels_first_standardised_inside(tmp_path: Path) -> None:
    facts = examined(classifier(), tmp_path)
    assert (facts.file_format, facts.layout, facts.channel_order) == ("onnx", "NCHW", "RGB")
    assert facts.input_shape == (32, 32, 3)
    assert (facts.outputs, facts.output_kind, facts.maps) == (3, "logits", "exact")
    assert_allclose(facts.affine.gain, 1 / np.array(STD), rtol=1e-5)
    assert_allclose(facts.affine.offset, -np.array(MEAN) / STD, rtol=1e-4)
    assert [layer.kind for layer in facts.layers] == ["Sub", "Div"]
    assert_allclose(facts.layers[0].constants["by"], MEAN, rtol=1e-6)
    low, high = facts.ranges["rescale"]
    assert_allclose(low, -np.array(MEAN) / STD, rtol=1e-4)
    assert_allclose(high, (1 - np.array(MEAN)) / STD, rtol=1e-4)


def test_channels_last_and_blue_first(tmp_path: Path) -> None:
    """Caffe's model as TensorFlow would export it: channels exchanged, bytes less a mean."""
    written = Written()
    written.add("Gather", np.array([2, 1, 0], np.int64), axis=3)
    written.add("Sub", np.array([103.939, 116.779, 123.68]))
    written.add("Transpose", perm=[0, 3, 1, 2]).body().pooled(kernel(4))
    facts = examined(written.model([1, 64, 48, 3]), tmp_path)
    assert (facts.layout, facts.input_shape) == ("NHWC", (64, 48, 3))
    assert facts.channel_order == "RGB"  # at the input: they are exchanged inside
    assert_allclose(facts.affine.offset, (-103.939, -116.779, -123.68), rtol=1e-5)
    assert_allclose(facts.affine.gain, 1.0, rtol=1e-6)


def test_without_the_exchange_it_takes_blue_first(tmp_path: Path) -> None:
    written = Written().add("Sub", np.reshape([103.939, 116.779, 123.68], (1, 3, 1, 1)))
    facts = examined(written.body().pooled(kernel(4)).model(["N", 3, 32, 32]), tmp_path)
    assert facts.channel_order == "BGR"


def test_padding_in_front_is_geometry(tmp_path: Path) -> None:
    written = standardised(Written()).add("Pad", np.array([0, 0, 9, 9, 0, 0, 9, 9], np.int64))
    facts = examined(written.body().pooled(kernel(3)).model(["N", 3, 32, 32]), tmp_path)
    low, _ = facts.ranges["rescale"]  # zeros of the padding would be 0 or above
    assert_allclose(low, -np.array(MEAN) / STD, rtol=1e-4)


@pytest.mark.parametrize(
    ("ending", "kind"), [(None, "logits"), ("Softmax", "softmax"), ("Sigmoid", "sigmoid")]
)
def test_the_end_is_recognised_and_taken_off(ending: str | None, kind: str, tmp_path: Path) -> None:
    facts = examined(classifier(14, ending=ending), tmp_path)
    assert (facts.outputs, facts.output_kind) == (14, kind)
    images = np.random.default_rng(0).random((2, 32, 32, 3), np.float32)
    plain = OnnxNetwork(saved(classifier(14), tmp_path)).run(images).outputs
    ended = OnnxNetwork(saved(classifier(14, ending=ending), tmp_path)).run(images).outputs
    assert_allclose(ended, plain, rtol=1e-6)


def test_one_channel_any_size_half_precision(tmp_path: Path) -> None:
    facts = examined(classifier(size="S", channels=1, dtype=np.float16), tmp_path)
    assert facts.input_shape == (None, None, 1)
    assert (facts.input_dtype, facts.dtypes, facts.channel_order) == (
        "float16",
        ("float16",),
        "gray",
    )
    assert_allclose(facts.affine.gain, 1 / STD[0], rtol=2e-3)


def test_a_size_that_the_file_does_not_tell_is_found(tmp_path: Path) -> None:
    """Flattened maps fit one size alone: 2 x 64 x 64 cells after a stride of two from 128."""
    written = Written().body().add("Flatten")
    written.add("Gemm", np.random.default_rng(2).random((4 * 64 * 64, 3)), np.zeros(3))
    facts = examined(written.model([1, 3, "H", "W"]), tmp_path)
    assert facts.input_shape == (128, 128, 3)
    assert facts.maps == "maps"


@pytest.mark.parametrize("opset", [9, 11, 13, 18, 21, onnx.defs.onnx_opset_version()])
def test_opsets(opset: int, tmp_path: Path) -> None:
    """Used, or refused in a sentence that names it."""
    try:
        assert examined(classifier(opset=opset), tmp_path).maps == "exact"
    except UnsupportedFile as error:
        assert opset == onnx.defs.onnx_opset_version()
        assert f"opset {opset}" in str(error)


def test_spellings_of_the_same_tail(tmp_path: Path) -> None:
    """The weights are found by what the tail does, whatever it is called; equal to its kernel."""
    dense, images = kernel(3), np.random.default_rng(0).random((1, 32, 32, 3), np.float32)
    means = Written().body().add("ReduceMean", axes=[2, 3], keepdims=0)
    means.add("MatMul", dense).add("Add", np.zeros(3))
    pools = Written().body().add("AveragePool", kernel_shape=[16, 16])
    pools.add("Conv", dense.T[:, :, np.newaxis, np.newaxis]).add("Flatten")
    sums = Written().body().add("ReduceSum", np.array([2, 3], np.int64), keepdims=0)
    sums.add("MatMul", dense / 256)
    for written in (means, pools, sums):
        network = OnnxNetwork(saved(written.model(["N", 3, 32, 32]), tmp_path))
        maps = network.run(images).maps
        assert maps is not None
        assert maps.shape == (1, 16, 16, 4)
        found = head_kernel(network, maps)
        assert found is not None
        assert_allclose(found, dense, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("pool", ["GlobalMaxPool", "Sigmoid"])
def test_another_tail_has_no_such_weights(pool: str, tmp_path: Path) -> None:
    """Neither the largest cell nor a hidden layer with a bend."""
    written = Written().body()
    written.add(pool) if pool == "GlobalMaxPool" else written.add("GlobalAveragePool")
    written.add("Flatten").add("Gemm", kernel(4))
    written.add("Sigmoid").add("Gemm", np.ones((4, 3)))
    assert examined(written.model(["N", 3, 32, 32]), tmp_path).maps == "maps"


def test_a_transformer_has_no_maps_behind_its_patches(tmp_path: Path) -> None:
    """Its patches lie in four axes as feature maps do, but all places are mixed behind them."""
    found = examined(transformer(), tmp_path)
    assert (found.input_shape, found.outputs, found.output_kind) == ((32, 32, 3), 3, "logits")
    assert (found.maps, found.blank_ratios, found.dtypes) == ("none", (), ("float32",))
    assert fitting_explanations(found) == ("occlusion", "rise")


def test_several_outputs_and_unused_inputs(tmp_path: Path) -> None:
    model = classifier()
    model.graph.output.append(helper.make_tensor_value_info("tensor_5", TensorProto.FLOAT, None))
    model.graph.output[0].type.tensor_type.shape.dim.add().dim_param = "N"
    model.graph.output[0].type.tensor_type.shape.dim.add().dim_value = 3
    unused = helper.make_tensor_value_info("unused", TensorProto.FLOAT, [3])
    model.graph.input.append(unused)
    facts = examined(model, tmp_path)
    assert facts.other_outputs == ("tensor_5",)
    assert facts.outputs == 3


def test_weights_beside_the_file_are_read(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(np.array(MEAN, np.float32).tobytes())
    facts = examined(external("weights.bin", 12), tmp_path)
    assert_allclose(facts.affine.offset, -np.array(MEAN) / STD, rtol=1e-4)


def _more_inputs() -> onnx.ModelProto:
    model = classifier()
    model.graph.input.append(helper.make_tensor_value_info("age", TensorProto.FLOAT, ["N", 1]))
    model.graph.node.append(helper.make_node("Mul", ["age", "age"], ["squared"]))
    return model


def _custom() -> onnx.ModelProto:
    model = classifier()
    model.graph.node.insert(
        0, helper.make_node("Standardise", ["image"], ["standard"], domain="ai.somebody")
    )
    model.graph.node[1].input[0] = "standard"
    model.opset_import.append(helper.make_opsetid("ai.somebody", 1))
    return model


def _calls_itself() -> onnx.ModelProto:
    model = classifier()
    node = helper.make_node("Again", ["x"], ["y"], domain="own")
    opsets = [helper.make_opsetid("own", 1), helper.make_opsetid("", 17)]
    model.functions.append(helper.make_function("own", "Again", ["x"], ["y"], [node], opsets))
    model.opset_import.append(helper.make_opsetid("own", 1))
    return model


HARMFUL: dict[str, tuple[Any, type[XrayAppError], str]] = {
    "climbs out": (lambda: external("../../etc/passwd"), UnsupportedFile, "outside its own folder"),
    "absolute": (lambda: external("/etc/passwd"), UnsupportedFile, "outside its own folder"),
    "missing": (lambda: external("weights.bin"), UnsupportedFile, "not beside it"),
    "4 GB in 1 KB": (enormous, UnreadableFile, "declares 4294.97 MB that are not there"),
    "endless": (endless, UnsupportedFile, "a Loop, which may never end"),
    "100,000 nodes": (long, UnsupportedFile, "at most 20,000 operators"),
    "custom": (_custom, UnsupportedFile, r"received ai\.somebody\.Standardise"),
    "two inputs": (_more_inputs, UnsupportedFile, r"received 2 inputs \(image, age\)"),
    "calls itself": (_calls_itself, UnsupportedFile, "functions that don't call themselves"),
    "too large an input": (
        lambda: classifier(size=40_000), UnsupportedFile, "at most 1024 pixels a side"
    ),
    "no convolution": (
        lambda: Written().pooled(np.ones((3, 2))).model(["N", 3, 32, 32]),
        UnsupportedFile, "one without",
    ),
    "a mask": (
        lambda: standardised(Written()).body().model(["N", 3, 32, 32]),
        UnsupportedFile, "received a model whose output is 1 × 4 × 16 × 16",
    ),
    "four channels": (
        lambda: Written().body(4).pooled(kernel(3)).model(["N", 4, 32, 32]),
        UnsupportedFile, "1 or 3 channels",
    ),
    "text": (
        lambda: Written().body().pooled(kernel(3)).model(["N", 3, 32, 32], kind=TensorProto.STRING),
        UnsupportedFile, "type STRING",
    ),
    "opset of the future": (
        lambda: classifier(opset=999), UnsupportedFile, r"ONNX Runtime can't load .*opset 999"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HARMFUL)
def test_what_harms_is_one_sentence(name: str, tmp_path: Path) -> None:
    make, error, sentence = HARMFUL[name]
    with pytest.raises(error, match=sentence) as raised:
        examined(make(), tmp_path)
    assert "\n" not in str(raised.value)
    assert str(tmp_path) not in str(raised.value)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").symlink_to("/etc/passwd")
    with pytest.raises(UnsupportedFile, match="not beside it"):
        examined(external("weights.bin"), tmp_path)


def test_memory_that_the_file_asks_for_is_bounded(tmp_path: Path) -> None:
    """Nothing in it is large, but running it would be: the child's limit holds."""
    path = saved(growing(), tmp_path)
    with pytest.raises(XrayAppError) as raised:
        call_in_child(
            examine_network, path, returns=ModelFacts, seconds=60.0, memory=NETWORK_MEMORY
        )
    assert isinstance(raised.value, UnsupportedFile | EngineError)
    assert "\n" not in str(raised.value)


class _Intruder:
    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("harm",)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (pickle.dumps(_Intruder()), "is a Python pickle"),
        (classifier().SerializeToString()[:-300], "damaged|holds|declares"),
        (b"", "holds no network"),
        (b"PK\x03\x04" + b"0" * 40, "a zip archive"),
        (b"<!DOCTYPE html><html>", "an HTML page"),
        (b"\x08\x07garbage", "damaged|no network"),
    ],
)
def test_other_files_with_that_name(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    assert is_network(path)
    with pytest.raises((UnreadableFile, UnsupportedFile), match=sentence):
        examine_network(path)


def test_names_that_are_no_text_are_told_as_damage(tmp_path: Path) -> None:
    """A changed byte in a name is found by whoever first asks for the name."""
    data = saved(classifier(), tmp_path).read_bytes().replace(b"tensor_2", b"tens\xd1r_2")
    path = tmp_path / "model.onnx"
    path.write_bytes(data)
    with pytest.raises(UnreadableFile, match=r"model\.onnx is damaged|Expected a whole ONNX file"):
        examine_network(path)
