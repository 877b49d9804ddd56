"""A stranger's TFLite network on LiteRT; to be loaded in a child process under limits.

Images are always channels last there. Values are told as real numbers: a whole-number tensor is
``scale * (stored - zero_point)``.
"""

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from xray_app.core import FloatArray, UnreadableFile, UnsupportedFile, first_line, read_bytes
from xray_app.engines.facts import OutputKind, Quantization
from xray_app.engines.networks.lite_graph import LiteGraph
from xray_app.engines.networks.lite_metadata import read_labels, read_normalization
from xray_app.engines.networks.network import Answer, ImageInput, StepName
from xray_app.engines.networks.onnx_file import MOST_NODES, check_sides

_THREADS = 2
_ENDLESS = {"WHILE", "CALL_ONCE"}


class LiteNetwork:
    """A ``Network`` over a TFLite file.

    Raises:
        UnreadableFile, UnsupportedFile: the file is damaged, or is no classifier of images.
    """

    file_format = "tflite"
    producer: str | None = "TFLite"

    def __init__(self, path: Path) -> None:
        data = read_bytes(path)
        # Delegates are twenty times as fast but take operators out of sight: those are read first.
        self._interpreter = _opened(data, path.name, "BUILTIN_WITHOUT_DEFAULT_DELEGATES")
        self.labels = read_labels(data)
        self.declared = read_normalization(data)
        self._input = self._only_input()
        self.image = self._described()
        self._allocate()
        self._tensors = {t["index"]: t for t in self._interpreter.get_tensor_details()}
        operators = self._listed()
        self._interpreter = _opened(data, path.name, "BUILTIN")
        self._allocate()
        self._graph = LiteGraph(
            operators, self._tensors, int(self._input["index"]), self.image.quantization,
            self._interpreter.get_output_details(), self._real,
        )  # fmt: skip
        self.steps: tuple[StepName, ...] = self._graph.steps
        self.ending: OutputKind | None = self._graph.ending
        self.other_outputs = self._graph.other_outputs
        self.dense = self._graph.dense

    @property
    def dtypes(self) -> tuple[str, ...]:
        """What its last feature maps are stored in."""
        graph = self._graph
        last = self._tensors[graph.maps if graph.maps is not None else graph.logits]
        return (np.dtype(last["dtype"]).name,)

    def front(self, batch: FloatArray) -> list[FloatArray]:
        """What each of ``steps`` gives, and last what reaches the first convolution, unpadded."""
        return self._ask(batch, [*self._graph.places, self._graph.first])

    def run(self, batch: FloatArray) -> Answer:
        """Run all of it."""
        graph = self._graph
        wanted = [graph.logits, graph.first, *([] if graph.maps is None else [graph.maps])]
        outputs, first, *maps = self._ask(batch, wanted)
        return Answer(outputs.reshape(len(batch), -1), maps[0] if maps else None, first)

    def tail(self, maps: FloatArray) -> FloatArray | None:
        """It can't be run alone here; ``dense`` tells it where its operators do."""
        del maps
        return None

    # Loading

    def _only_input(self) -> dict[str, Any]:
        inputs: list[dict[str, Any]] = self._interpreter.get_input_details()
        if len(inputs) != 1:
            raise UnsupportedFile(
                f"Expected a model with one image input, received {len(inputs)} inputs; export the "
                "part that takes the image."
            )
        return inputs[0]

    def _described(self) -> ImageInput:
        details = self._input
        shape = [int(n) for n in details["shape_signature"]]
        dtype = np.dtype(details["dtype"]).name
        if len(shape) != 4 or shape[3] not in (1, 3) or dtype not in {
            "float32", "float16", "uint8", "int8"
        }:  # fmt: skip
            raise UnsupportedFile(
                "Expected a model with one image input, (N, height, width, 1 or 3), received one "
                f"of {' × '.join(map(str, shape)) or 'no size'} and type {dtype}; export an image "
                "classifier."
            )
        height, width = (side if side > 0 else None for side in shape[1:3])
        check_sides((height, width))
        scale, zero = details["quantization"]
        stored = None
        if dtype in {"uint8", "int8"} and scale > 0.0:
            stored = Quantization(dtype, float(scale), int(zero))
        return ImageInput(height, width, shape[3], "NHWC", dtype, 1, stored)

    def _allocate(self, size: tuple[int, int] | None = None) -> None:
        """Make room for images of a size; by default of one that goes."""
        self._size = size or self.image.size
        try:
            if None in (self.image.height, self.image.width):
                shape = [1, *self._size, self.image.channels]
                self._interpreter.resize_tensor_input(self._input["index"], shape)
            self._interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            raise UnsupportedFile(f"LiteRT can't load the model: {_reason(error)}") from error

    def _listed(self) -> list[dict[str, Any]]:
        operators: list[dict[str, Any]] = self._interpreter._get_ops_details()
        if len(operators) > MOST_NODES:
            raise UnsupportedFile(
                f"Expected a network of at most {MOST_NODES:,} operators, received one with more."
            )
        endless = next((op["op_name"] for op in operators if op["op_name"] in _ENDLESS), None)
        if endless:
            raise UnsupportedFile(
                "Expected a network that ends after a fixed number of steps, received one with a "
                f"{endless}, which may never end; convert it without loops."
            )
        return operators

    # Running

    def _ask(self, batch: FloatArray, wanted: list[int]) -> list[FloatArray]:
        rows, size = [], (batch.shape[1], batch.shape[2])
        if size != self._size and None in (self.image.height, self.image.width):
            self._allocate(size)
        for image in batch:
            stored = self.image.stored(image[np.newaxis])
            try:
                self._interpreter.set_tensor(self._input["index"], stored)
                self._interpreter.invoke()
                rows.append([self._real(place) for place in wanted])
            except (RuntimeError, ValueError) as error:
                raise UnsupportedFile(
                    f"The model can't be run on one image: {_reason(error)}"
                ) from error
        return [np.concatenate(column) for column in zip(*rows, strict=True)]

    def _real(self, place: int) -> FloatArray:
        values = np.asarray(self._interpreter.get_tensor(place))
        details = self._tensors[place]["quantization_parameters"]
        scales, zeros = details["scales"], details["zero_points"]
        if values.dtype.kind not in "iu" or not len(scales):
            return values.astype(np.float32)
        shape = [1] * values.ndim
        if len(scales) > 1:
            shape[details["quantized_dimension"]] = len(scales)
        wide = values.astype(np.float64) - np.reshape(zeros, shape)
        return np.asarray(wide * np.reshape(scales, shape), np.float32)


def _opened(data: bytes, name: str, resolver: str) -> Any:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that keeping all tensors takes memory
            return Interpreter(
                model_content=data,
                num_threads=_THREADS,
                experimental_op_resolver_type=getattr(OpResolverType, resolver),
                experimental_preserve_all_tensors=True,
            )
    except (RuntimeError, ValueError) as error:
        raise UnreadableFile(
            f"Expected a whole TFLite file, received {name}, which is damaged, cut short or of "
            "another kind; convert or copy it again."
        ) from error


def _reason(error: BaseException) -> str:
    said = first_line(error)[:160]
    return said if said.endswith(".") else f"{said}."
