"""A stranger's TFLite network on LiteRT; to be loaded in a child process under limits.

Images are always channels last there. Values are told as real numbers: a whole-number tensor is
``scale * (stored - zero_point)``.
"""

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from xray_app.core import FloatArray, UnreadableFile, UnsupportedFile, first_line
from xray_app.core.normalization import Channels
from xray_app.engines.facts import OutputKind, Quantization
from xray_app.engines.networks.lite_metadata import read_labels, read_normalization
from xray_app.engines.networks.network import Answer, ImageInput, StepName
from xray_app.engines.networks.onnx_file import MOST_NODES, check_sides

_THREADS = 2
_CONVOLUTIONS = {"CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV"}
_GEOMETRY = {
    "QUANTIZE", "DEQUANTIZE", "RESHAPE", "PAD", "PADV2", "MIRROR_PAD", "CAST", "TRANSPOSE",
    "SQUEEZE", "EXPAND_DIMS", "SHAPE", "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR",
}  # fmt: skip
_ENDINGS: dict[str, OutputKind] = {"SOFTMAX": "softmax", "LOGISTIC": "sigmoid"}
_PASSING = {"QUANTIZE", "DEQUANTIZE", "RESHAPE", "SQUEEZE", "CAST"}
_ENDLESS = {"WHILE", "CALL_ONCE"}
_POOLING = {"MEAN", "AVERAGE_POOL_2D"}
_DENSE = {"FULLY_CONNECTED", "CONV_2D"}
_MOST_CONSTANTS = 4
_MOST_STEPS = 500
_MOST_CUTS = 12


class LiteNetwork:
    """A ``Network`` over a TFLite file.

    Raises:
        UnreadableFile, UnsupportedFile: the file is damaged, or is no classifier of images.
    """

    file_format = "tflite"
    producer: str | None = "TFLite"

    def __init__(self, path: Path) -> None:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise UnreadableFile(f"Can't read {path.name}: {first_line(error)}.") from error
        # Delegates are twenty times as fast but take operators out of sight: those are read first.
        self._interpreter = _opened(data, path.name, "BUILTIN_WITHOUT_DEFAULT_DELEGATES")
        self.labels = read_labels(data)
        self.declared = read_normalization(data)
        self._input = self._only_input()
        self.image = self._described()
        self._allocate()
        self._tensors = {t["index"]: t for t in self._interpreter.get_tensor_details()}
        self._operators = self._listed()
        self._interpreter = _opened(data, path.name, "BUILTIN")
        self._allocate()
        self._made_by = {int(n): op for op in self._operators for n in op["outputs"]}
        self._depends = self._dependent(int(self._input["index"]))
        self._convolution = self._first_convolution()
        self._places, self.steps, self._first = self._front()
        self._output, self.other_outputs = self._classifier()
        self._logits, self.ending = self._ended()
        self._maps: int | None = next((n for n in self._cuts() if self._is_map(n)), None)
        self.dense = self._dense()

    @property
    def dtypes(self) -> tuple[str, ...]:
        """What its last feature maps are stored in."""
        last = self._tensors[self._maps if self._maps is not None else self._logits]
        return (np.dtype(last["dtype"]).name,)

    def front(self, batch: FloatArray) -> list[FloatArray]:
        """What each of ``steps`` gives, and last what reaches the first convolution, unpadded."""
        return self._ask(batch, [*self._places, self._first])

    def run(self, batch: FloatArray) -> Answer:
        """Run all of it."""
        wanted = [self._logits, self._first, *([] if self._maps is None else [self._maps])]
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

    # The graph

    def _dependent(self, source: int) -> set[int]:
        found = {source}
        for op in self._operators:
            if found.intersection(_numbers(op["inputs"])):
                found.update(_numbers(op["outputs"]))
        return found

    def _read_by(self, op: dict[str, Any]) -> list[int]:
        return [n for n in _numbers(op["inputs"]) if n in self._depends]

    def _first_convolution(self) -> dict[str, Any]:
        for op in self._operators:
            if op["op_name"] in _CONVOLUTIONS and self._read_by(op) and not self._mixes(op):
                return op
        raise UnsupportedFile(
            "Expected an image model with a convolution, received one without: what its layers "
            "expect can't be told from what reaches the first convolution."
        )

    def _mixes(self, op: dict[str, Any]) -> bool:
        """A 1 x 1 convolution to 1 or 3 channels makes an image, no feature yet."""
        shape = self._tensors[_numbers(op["inputs"])[1]]["shape"]
        return len(shape) == 4 and tuple(shape[1:3]) == (1, 1) and shape[0] in (1, 3)

    def _front(self) -> tuple[list[int], tuple[StepName, ...], int]:
        (first, *_) = self._read_by(self._convolution)
        needed, way = {first}, []
        for op in reversed(self._operators):
            if needed.intersection(_numbers(op["outputs"])) and self._read_by(op):
                way.append(op)
                needed.update(self._read_by(op))
        changing = [op for op in way[::-1] if op["op_name"] not in _GEOMETRY]
        steps = tuple(
            StepName(self._tensors[_numbers(op["outputs"])[0]]["name"][-80:], op["op_name"],
                     self._constants_of(op))
            for op in changing
        )  # fmt: skip
        while first in self._made_by and "PAD" in self._made_by[first]["op_name"]:
            (first, *_) = self._read_by(self._made_by[first])
        places = [_numbers(op["outputs"])[0] for op in changing]
        if (stored := self.image.quantization) is not None:  # what the whole numbers stand for
            constants = {"scale": (stored.scale,), "zero point": (float(stored.zero_point),)}
            steps = (StepName("input", "Quantization", constants), *steps)
            places = [int(self._input["index"]), *places]
        return places, steps, first

    def _constants_of(self, op: dict[str, Any]) -> dict[str, Channels]:
        others = [
            n for n in _numbers(op["inputs"]) if n in self._tensors and n not in self._depends
        ]
        small = [n for n in others if 1 <= np.prod(self._tensors[n]["shape"]) <= _MOST_CONSTANTS]
        return {"by": tuple(map(float, self._real(small[0]).ravel()))} if small else {}

    def _classifier(self) -> tuple[int, tuple[str, ...]]:
        outputs = self._interpreter.get_output_details()
        heads = [o for o in outputs if len(o["shape"]) == 2]
        if len(outputs) == 1:
            heads = outputs
        if len(heads) != 1:
            raise UnsupportedFile(
                "Expected a model with one output that has a figure a class, received "
                f"{len(outputs)} outputs; export the one to be used."
            )
        shape = heads[0]["shape"]
        if len(shape) < 2 or any(side != 1 for side in shape[2:]):
            raise UnsupportedFile(
                "Expected a classifier, which gives a figure a class, received a model whose "
                f"output is {' × '.join(map(str, shape)) or 'one number'}; export a classifier."
            )
        rest = tuple(str(o["name"])[:80] for o in outputs if o["index"] != heads[0]["index"])
        return int(heads[0]["index"]), rest

    def _ended(self) -> tuple[int, OutputKind | None]:
        place = self._output
        while place in self._made_by:
            op = self._made_by[place]
            if not self._read_by(op):
                break
            if op["op_name"] in _ENDINGS:
                return self._read_by(op)[0], _ENDINGS[op["op_name"]]
            if op["op_name"] not in _PASSING:
                break
            place = self._read_by(op)[0]
        return self._output, None

    def _cuts(self) -> list[int]:
        """From the end on, tensors that everything which the image tells must pass through."""
        order = {id(op): place for place, op in enumerate(self._operators)}
        features = self._dependent(_numbers(self._convolution["outputs"])[0])
        frontier = {self._logits}
        found: list[int] = []
        for _ in range(_MOST_STEPS):
            made = [n for n in frontier if n in self._made_by]
            if not made or len(found) == _MOST_CUTS:
                break
            op = self._made_by[max(made, key=lambda n: order[id(self._made_by[n])])]
            frontier -= set(_numbers(op["outputs"]))
            frontier |= set(self._read_by(op))
            if len(frontier) == 1 and frontier <= features:
                found += frontier
        return found

    def _is_map(self, place: int) -> bool:
        shape = self._tensors[place]["shape"]
        return len(shape) == 4 and min(shape[1:3]) > 1

    def _dense(self) -> FloatArray | None:
        """The kernel (C, K) of the dense layer behind global average pooling, by its operators."""
        if self._maps is None:
            return None
        kernel, place = None, self._logits
        for wanted in (_DENSE, _POOLING):
            while place in self._made_by and self._made_by[place]["op_name"] in _PASSING:
                place = self._read_by(self._made_by[place])[0]
            op = self._made_by.get(place)
            if op is None or op["op_name"] not in wanted or not self._read_by(op):
                return None
            if wanted is _DENSE:
                kernel = self._real(_numbers(op["inputs"])[1])
            place = self._read_by(op)[0]
        channels = int(self._tensors[self._maps]["shape"][3])
        classes = int(np.prod(self._tensors[self._logits]["shape"][1:]))
        # Pooling to more than one cell gives the kernel more columns than there are channels.
        if kernel is None or place != self._maps or kernel.size != channels * classes:
            return None
        return np.ascontiguousarray(kernel.reshape(-1, channels).T)

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


def _numbers(indices: Any) -> list[int]:
    return [int(n) for n in indices if int(n) >= 0]


def _reason(error: BaseException) -> str:
    said = first_line(error)[:160]
    return said if said.endswith(".") else f"{said}."
