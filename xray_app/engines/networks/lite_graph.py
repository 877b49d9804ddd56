"""The structure of a TFLite classifier: its first convolution, its last maps, its end."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from xray_app.core import FloatArray, UnsupportedFile
from xray_app.core.normalization import Channels
from xray_app.engines.facts import OutputKind, Quantization
from xray_app.engines.networks.network import StepName

_CONVOLUTIONS = {"CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV"}
_GEOMETRY = {
    "QUANTIZE", "DEQUANTIZE", "RESHAPE", "PAD", "PADV2", "MIRROR_PAD", "CAST", "TRANSPOSE",
    "SQUEEZE", "EXPAND_DIMS", "SHAPE", "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR",
}  # fmt: skip
_ENDINGS: dict[str, OutputKind] = {"SOFTMAX": "softmax", "LOGISTIC": "sigmoid"}
_PASSING = {"QUANTIZE", "DEQUANTIZE", "RESHAPE", "SQUEEZE", "CAST"}
_POOLING = {"MEAN", "AVERAGE_POOL_2D"}
_DENSE = {"FULLY_CONNECTED", "CONV_2D"}
_MOST_CONSTANTS = 4
_MOST_STEPS = 500
_PRODUCTS = {"BATCH_MATMUL", "FULLY_CONNECTED"}
_MOST_CUTS = 12


class LiteGraph:
    """The operators of a TFLite file, with the tensors between them by number.

    Args:
        operators: in the order in which they run.
        tensors: the interpreter's description of each.
        source: the image's tensor.
        stored: what its whole numbers stand for, if it holds such.
        outputs: the interpreter's description of each output.
        real: the real values of a tensor that is there without a pass.

    Attributes:
        steps: operators in front of the first convolution that change pixel values; places: what
            each gives; first: what reaches that convolution.
        logits: what is in front of a softmax or sigmoid at the end; ending: which of them it is.
        other_outputs: names of those that are left out.
        maps: the last feature maps; None if there are none.
        dense: the kernel (C, K) behind their global average; None if the network ends otherwise.

    Raises:
        UnsupportedFile: it has no convolution, or does not classify.
    """

    def __init__(
        self,
        operators: Sequence[dict[str, Any]],
        tensors: Mapping[int, dict[str, Any]],
        source: int,
        stored: Quantization | None,
        outputs: Sequence[dict[str, Any]],
        real: Callable[[int], FloatArray],
    ) -> None:
        self._operators, self._tensors, self._real = operators, tensors, real
        self._made_by = {int(n): op for op in operators for n in op["outputs"]}
        self._depends = self._dependent(source)
        self._convolution = self._first_convolution()
        self.places, self.steps, self.first = self._front(source, stored)
        self._output, self.other_outputs = self._classifier(outputs)
        self.logits, self.ending = self._ended()
        self.maps: int | None = next((n for n in self._cuts() if self._is_map(n)), None)
        self.dense = self._dense()

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

    def _front(
        self, source: int, stored: Quantization | None
    ) -> tuple[list[int], tuple[StepName, ...], int]:
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
        if stored is not None:  # what the whole numbers stand for
            constants = {"scale": (stored.scale,), "zero point": (float(stored.zero_point),)}
            steps = (StepName("input", "Quantization", constants), *steps)
            places = [source, *places]
        return places, steps, first

    def _constants_of(self, op: dict[str, Any]) -> dict[str, Channels]:
        others = [
            n for n in _numbers(op["inputs"]) if n in self._tensors and n not in self._depends
        ]
        small = [n for n in others if 1 <= np.prod(self._tensors[n]["shape"]) <= _MOST_CONSTANTS]
        values = self._constant(small[0]) if small else None
        return {} if values is None else {"by": tuple(map(float, values.ravel()))}

    def _constant(self, place: int) -> FloatArray | None:
        """What the file holds for a tensor; None if the network works it out."""
        made = self._made_by.get(place)
        if made is not None and made["op_name"] == "DEQUANTIZE":
            # Widened when the network runs: its own place holds nothing before.
            (place,) = _numbers(made["inputs"])
            made = self._made_by.get(place)
        return None if made is not None or place in self._depends else self._real(place)

    def _classifier(self, outputs: Sequence[dict[str, Any]]) -> tuple[int, tuple[str, ...]]:
        heads = [o for o in outputs if len(o["shape"]) == 2]
        if len(outputs) == 1:
            heads = list(outputs)
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
        """From the end on, tensors that everything which the image tells must pass through.

        None in front of attention, where two tensors of the image are multiplied as matrices.
        """
        order = {id(op): place for place, op in enumerate(self._operators)}
        features = self._dependent(_numbers(self._convolution["outputs"])[0])
        frontier = {self.logits}
        found: list[int] = []
        for _ in range(_MOST_STEPS):
            made = [n for n in frontier if n in self._made_by]
            if not made or len(found) == _MOST_CUTS:
                break
            op = self._made_by[max(made, key=lambda n: order[id(self._made_by[n])])]
            if op["op_name"] in _PRODUCTS and len(self._read_by(op)) > 1:
                break
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
        if self.maps is None:
            return None
        kernel, place = None, self.logits
        for wanted in (_DENSE, _POOLING):
            while place in self._made_by and self._made_by[place]["op_name"] in _PASSING:
                place = self._read_by(self._made_by[place])[0]
            op = self._made_by.get(place)
            if op is None or op["op_name"] not in wanted or not self._read_by(op):
                return None
            if wanted is _DENSE:
                kernel = self._constant(_numbers(op["inputs"])[1])
            place = self._read_by(op)[0]
        channels = int(self._tensors[self.maps]["shape"][3])
        classes = int(np.prod(self._tensors[self.logits]["shape"][1:]))
        # Pooling to more than one cell gives the kernel more columns than there are channels.
        if kernel is None or place != self.maps or kernel.size != channels * classes:
            return None
        return np.ascontiguousarray(kernel.reshape(-1, channels).T)


def _numbers(indices: Any) -> list[int]:
    return [int(n) for n in indices if int(n) >= 0]
