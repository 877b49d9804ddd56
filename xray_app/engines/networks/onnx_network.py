"""A stranger's ONNX network on ONNX Runtime; to be loaded in a child process under limits."""

import re
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from xray_app.core import FloatArray, UnsupportedFile, first_line
from xray_app.core.normalization import Channels
from xray_app.engines.facts import Layout, OutputKind
from xray_app.engines.networks.network import Answer, ImageInput, StepName
from xray_app.engines.networks.onnx_file import read_onnx
from xray_app.engines.networks.onnx_graph import Graph, Place
from xray_app.engines.networks.onnx_input import with_size

# Sizes that are tried where the file doesn't say any; the first that runs is used.
_SIZES = (224, 256, 299, 320, 128, 384, 512, 96, 64)
_TOGETHER, _MAPS_TOGETHER = 4, 16
_CUTS = 12  # tensors from the end on, among which the feature maps are
_THREADS = 2
_LONGEST_REASON = 160
_NOISE = re.compile(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ")
_PATH = re.compile(r"(Load model from )?(\"|')?/\S+?(\"|')?( failed)?:\s*")


class OnnxNetwork:
    """A ``Network`` over an ONNX file.

    Raises:
        UnreadableFile, UnsupportedFile: the file is damaged, or is no classifier of images.
    """

    file_format = "onnx"
    labels: tuple[str, ...] = ()
    declared: tuple[Channels, Channels] | None = None
    dense: FloatArray | None = None  # it is told by running the tail

    def __init__(self, path: Path) -> None:
        self._graph = Graph(read_onnx(path))
        self._folder = path.parent
        graph = self._graph
        self.producer = _producer(graph.model)
        self.opset = max((o.version for o in graph.model.opset_import if not o.domain), default=0)
        self.ending: OutputKind | None = graph.ending
        self.other_outputs = graph.other_outputs
        self.steps: tuple[StepName, ...] = tuple(step for step, _ in graph.steps)
        self._front_session: Any = None
        self._maps: Place | None = None
        self._map_sides: tuple[int, ...] = ()
        self._map_dtype = self._output_dtype = ""
        cuts = list(islice(graph.cuts(), _CUTS))
        self._session = self._open(self._whole(tuple(place.name for place in cuts)))
        self.image = self._sized(graph.image)
        self._find_maps(cuts)

    @property
    def dtypes(self) -> tuple[str, ...]:
        """What it computes in, as its last feature maps come out, or its figures without such."""
        return (self._map_dtype or self._output_dtype,)

    def front(self, batch: FloatArray) -> list[FloatArray]:
        """What each of ``steps`` gives, and last what reaches the first convolution, unpadded."""
        places = [place for _, place in self._graph.steps]
        places.append(self._graph.first)
        names = dict.fromkeys(p.name for p in places if p.name != self._graph.input.name)
        if self._front_session is None and names:
            self._front_session = self._open(self._part_of_front(tuple(names)))
        found = dict(zip(names, self._ask(self._front_session, batch, tuple(names)), strict=True))
        found[self._graph.input.name] = self.image.stored(batch)
        return [_channels_last(found[place.name], place.layout) for place in places]

    def run(self, batch: FloatArray) -> Answer:
        """Run all of it."""
        names = (self._graph.logits, *([self._maps.name] if self._maps else []))
        outputs, *rest = self._ask(self._session, batch, names)
        maps = _channels_last(rest[0], self._maps.layout) if self._maps and rest else None
        return Answer(_vectors(outputs), maps)

    def tail(self, maps: FloatArray) -> FloatArray | None:
        """From feature maps (N, h, w, C) to the outputs; None where that can't be run alone."""
        if self._maps is None or self._tail_session is None:
            return None
        values = np.moveaxis(maps, -1, 1) if self._maps.layout == "NCHW" else maps
        values = np.ascontiguousarray(values, self._map_dtype)
        is_single = self.image.batch is not None or self._graph.takes_one
        step = 1 if is_single else _MAPS_TOGETHER
        parts = [values[i : i + step] for i in range(0, len(values), step)]
        try:
            found = [self._tail_session.run(None, {self._maps.name: p})[0] for p in parts]
        except Exception:  # noqa: BLE001 - ONNX Runtime raises its own untyped errors
            return None
        return _vectors(np.concatenate(found))

    # Loading

    def _whole(self, taps: tuple[str, ...]) -> Any:
        """The network with one input and, as outputs, its figures and ``taps``."""
        graph = self._graph
        return graph.part(
            graph.input.name, (graph.logits, *taps), graph.input.type.tensor_type.elem_type,
            _sides(graph.input),
        )  # fmt: skip

    def _part_of_front(self, names: tuple[str, ...]) -> Any:
        kind = self._graph.input.type.tensor_type.elem_type
        return self._graph.part(self._graph.input.name, names, kind, _sides(self._graph.input))

    @cached_property
    def _tail_session(self) -> Any:
        from onnx import helper

        if self._maps is None:
            return None
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(self._map_dtype))
        sides = ["N" if self.image.batch is None else 1, *self._map_sides]
        try:
            return self._open(self._graph.part(self._maps.name, (self._graph.logits,), kind, sides))
        except UnsupportedFile:
            return None

    def _open(self, model: Any) -> Any:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = _THREADS
        options.enable_cpu_mem_arena = False
        options.add_session_config_entry("session.force_spinning_stop", "1")
        # Weights in other files, which were checked, are found beside the model's own.
        options.add_session_config_entry(
            "session.model_external_initializers_file_folder_path", str(self._folder)
        )
        try:
            return ort.InferenceSession(
                model.SerializeToString(), options, providers=["CPUExecutionProvider"]
            )
        except MemoryError:
            raise
        except Exception as error:  # ONNX Runtime raises its own untyped errors
            raise UnsupportedFile(
                f"ONNX Runtime can't load the model{self._written}: {_reason(error)}"
            ) from error

    @property
    def _written(self) -> str:
        writer = f"{self.producer}, " if self.producer else ""
        return f" ({writer}opset {self.opset})"

    def _sized(self, image: ImageInput) -> ImageInput:
        """The input with a size that runs, where the file says none or another than it means."""
        self.image = image
        if image.height is not None and image.width is not None:
            self._blank(image)
            return image
        reason: UnsupportedFile | None = None
        for side in _SIZES:
            sized = with_size(image, image.height or side, image.width or side)
            self.image = sized
            try:
                self._blank(sized)
            except UnsupportedFile as error:
                reason = reason or error
                continue
            # One that runs at another size as well takes any.
            try:
                self._blank(with_size(image, image.height or side + 32, image.width or side + 32))
            except UnsupportedFile:
                return sized
            return image
        raise reason or UnsupportedFile("Expected a model that takes images, it takes none.")

    def _blank(self, image: ImageInput) -> FloatArray:
        blank = np.zeros((image.batch or 1, *image.size, image.channels), np.float32)
        before, self.image = self.image, image
        try:
            (outputs,) = self._ask(self._session, blank, (self._graph.logits,))
            self._output_dtype = str(outputs.dtype)
            return _vectors(outputs)
        finally:
            self.image = before

    def _find_maps(self, cuts: list[Place]) -> None:
        """The last feature maps of several cells that everything passes through."""
        if not cuts:
            return
        blank = np.zeros((1, *self.image.size, self.image.channels), np.float32)
        found = self._ask(self._session, blank, tuple(place.name for place in cuts))
        for place, values in zip(cuts, found, strict=True):
            if values.ndim == 4 and min(_channels_last(values, place.layout).shape[1:3]) > 1:
                self._maps, self._map_sides = place, values.shape[1:]
                self._map_dtype = str(values.dtype)
                return

    def _ask(self, session: Any, batch: FloatArray, names: tuple[str, ...]) -> list[np.ndarray]:
        """Run a session on images, no more at a time than it takes."""
        if not names:
            return []
        values, count = self.image.stored(batch), len(batch)
        step = self.image.batch or (1 if self._graph.takes_one else _TOGETHER)
        if count % step and self.image.batch:
            short = step - count % step
            values = np.concatenate([values, np.repeat(values[-1:], short, axis=0)])
        parts = []
        for start in range(0, len(values), step):
            try:
                part = session.run(names, {self._graph.input.name: values[start : start + step]})
            except MemoryError:
                raise
            except Exception as error:  # ONNX Runtime raises its own untyped errors
                raise UnsupportedFile(
                    f"The model can't be run on one image{self._written}: {_reason(error)}"
                ) from error
            parts.append(part)
        return [np.concatenate(column)[:count] for column in zip(*parts, strict=True)]


def _producer(model: Any) -> str | None:
    words = f"{model.producer_name} {model.producer_version}".split()
    return " ".join(words[:2])[:60] or None


def _sides(value: Any) -> list[Any]:
    return [
        d.dim_value if d.HasField("dim_value") and d.dim_value > 0 else f"side_{place}"
        for place, d in enumerate(value.type.tensor_type.shape.dim)
    ]


def _channels_last(values: np.ndarray, layout: Layout) -> FloatArray:
    wide = values.astype(np.float32)
    return np.moveaxis(wide, 1, -1) if layout == "NCHW" and wide.ndim == 4 else wide


def _vectors(outputs: np.ndarray) -> FloatArray:
    """(N, K) float32.

    Raises:
        UnsupportedFile: it is something else, such as a mask.
    """
    shape = outputs.shape
    if len(shape) < 2 or any(side != 1 for side in shape[2:]) or shape[1] < 1:
        raise UnsupportedFile(
            "Expected a classifier, which gives a figure a class, received a model whose output "
            f"is {' × '.join(map(str, shape)) or 'one number'}; export a classifier."
        )
    return outputs.reshape(len(outputs), -1).astype(np.float32)


def _reason(error: BaseException) -> str:
    """What ONNX Runtime says, without its codes and without any path."""
    said = _PATH.sub("", _NOISE.sub("", first_line(error)))
    return (said if len(said) <= _LONGEST_REASON else f"{said[:_LONGEST_REASON]}…") + (
        "" if said.endswith(".") else "."
    )
