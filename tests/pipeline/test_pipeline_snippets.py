"""The lines to paste make the tensor of the contract, or say what they do otherwise."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from tests.pipeline.snippet_contracts import channels_first, contracts, tensor_of
from tests.pipeline.synthetic import synthetic
from xray_app.pipeline.snippets.registry import SNIPPETS, input_code
from xray_app.pipeline.steps.description import reproduce

CONTRACTS = contracts()
NEEDS = {
    "keras": "keras", "torchvision": "torchvision", "timm": "timm", "hugging-face": "transformers",
    "tf.image": "tensorflow", "opencv": "cv2", "onnxruntime": "onnxruntime", "numpy": "numpy",
}  # fmt: skip
# Half a gray level along each axis, and a level more where a crop or a nearest pixel is another.
FEW_LEVELS = 2.5
SMOOTHER = ("smoother", "antialiased", "constant", "eight pixels", "pixel", "few differ")


def identity(folder: Path, shape: tuple[int, ...]) -> None:
    """A model that gives what it takes."""
    from onnx import TensorProto, helper, save

    tensors = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("input", "out")
    ]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["input"], ["out"])], "g", tensors[:1], tensors[1:]
    )
    opset = [helper.make_opsetid("", 17)]
    save(helper.make_model(graph, opset_imports=opset, ir_version=9), folder / "model.onnx")


def test_a_kernel_that_keras_has_on_tensorflow_alone_is_said() -> None:
    kernels = {name: contract.sampling for name, contract in CONTRACTS.items()}
    for name, sampling in kernels.items():
        code = input_code(CONTRACTS[name], "keras").code
        is_said = "On Keras' TensorFlow backend" in code
        assert is_said == (sampling.startswith(("bicubic", "lanczos")) and "ops.image" in code)


@pytest.mark.parametrize("library", SNIPPETS)
@pytest.mark.parametrize("name", CONTRACTS)
def test_the_lines_make_the_tensor(name: str, library: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(NEEDS[library]) is None:
        pytest.skip(f"{NEEDS[library]} is not installed")
    contract = CONTRACTS[name]
    image = synthetic(121, 150, colour=contract.channels == 3)
    expected = reproduce(contract.description(image.shape), image)
    if library == "onnxruntime":
        identity(tmp_path, expected.shape)
    written = input_code(contract, library)
    tensor = tensor_of(written.code, image, tmp_path)
    made, wanted = np.asarray(tensor), np.asarray(expected)
    assert made.size == wanted.size
    if not written.departures or written.is_exact:
        assert made.shape[-3:] == wanted.shape[-3:], "the layout is the contract's"
    made = channels_first(tensor, contract.channels)
    wanted = channels_first(expected, contract.channels)
    apart = float(np.abs(made - wanted).max())
    if written.is_exact:
        scale = max(1.0, *(abs(end) for end in contract.ends)) if contract.ends else 1.0
        assert apart <= 1e-3 * max(1.0, scale / 255), written.code
        return
    assert all(
        departure in " ".join(written.code.replace("# ", "").split())
        for departure in written.departures
    )
    if not any(word in departure for departure in written.departures for word in SMOOTHER):
        assert contract.scale is not None
        assert apart <= FEW_LEVELS / 255 * max(contract.scale.gain)
