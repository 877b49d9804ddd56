"""A stranger's Keras model as a network; to be loaded in a child process under limits."""

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from xray_app.core import FloatArray
from xray_app.core.normalization import Channels
from xray_app.engines.facts import OutputKind
from xray_app.engines.keras.bounds import images_at_once
from xray_app.engines.keras.inspection import with_one_head
from xray_app.engines.keras.measuring import head_parts, image_shape
from xray_app.engines.keras.preprocessing import all_layers, constants_of, trace
from xray_app.engines.keras.saved_model import load_saved_model, read_saved_model
from xray_app.engines.networks.network import Answer, ImageInput, StepName

_ENDINGS: dict[str, OutputKind] = {"softmax": "softmax", "sigmoid": "sigmoid"}


class KerasNetwork:
    """A ``Network`` over a .keras or .h5 file, whose code was checked to be Keras' own.

    Raises:
        UnreadableFile, UnsupportedFile: as ``read_saved_model`` and ``load_saved_model``.
    """

    labels: tuple[str, ...] = ()
    declared: tuple[Channels, Channels] | None = None
    dense: FloatArray | None = None  # it is told by running the tail

    def __init__(self, path: Path) -> None:
        saved = read_saved_model(path)
        loaded = load_saved_model(saved, None)
        self._together = images_at_once(loaded)
        self._model, self.other_outputs = with_one_head(loaded)
        self.file_format = saved.file_format
        self.producer = f"Keras {saved.keras_version}" if saved.keras_version else None
        height, width, channels = image_shape(self._model)
        self.image = ImageInput(height, width, channels, "NHWC", "float32")
        self.ending = self._take_off_the_end()
        blank = np.zeros((1, *self.image.size, channels), np.float32)
        self.steps = tuple(
            StepName(step.path, type(step.operation).__name__, constants_of(step.operation))
            for step in trace(self._model, blank)
        )

    @property
    def dtypes(self) -> tuple[str, ...]:
        """What its layers compute in."""
        layers = [layer for _, layer in all_layers(self._model)]
        return tuple(sorted({n.compute_dtype for n in layers if hasattr(n, "compute_dtype")}))

    def front(self, batch: FloatArray) -> list[FloatArray]:
        """What each of ``steps`` gives, and last what reaches the first convolution, unpadded."""
        parts = []
        for start in range(0, len(batch), self._together):
            part = batch[start : start + self._together]
            outputs = [step.output for step in trace(self._model, part)]
            parts.append([*outputs, outputs[-1] if outputs else part])
        return [np.concatenate(column) for column in zip(*parts, strict=True)]

    def run(self, batch: FloatArray) -> Answer:
        """Run all of it."""
        found = [
            [np.asarray(tensor, np.float32) for tensor in self._outputs(part)]
            for start in range(0, len(batch), self._together)
            for part in (batch[start : start + self._together],)
        ]
        outputs, *maps = (np.concatenate(column) for column in zip(*found, strict=True))
        return Answer(outputs.reshape(len(batch), -1), maps[0] if maps else None)

    def tail(self, maps: FloatArray) -> FloatArray | None:
        """From feature maps (N, h, w, C) to the outputs; None where that can't be run alone."""
        if self._tail is None:
            return None
        return np.asarray(self._tail(maps, training=False), np.float32)

    def _take_off_the_end(self) -> OutputKind | None:
        """Let the last layer give what its softmax or sigmoid would be made of."""
        import keras

        end = self._model.outputs[0]._keras_history.operation
        if type(end).__name__ == "Softmax" and end.axis in (-1, 1):  # a layer, or a function
            self._model = keras.Model(self._model.inputs[0], end.input)
            return "softmax"
        *_, (_, last) = all_layers(self._model)
        name = getattr(getattr(last, "activation", None), "__name__", None)
        if name in _ENDINGS:
            last.activation = keras.activations.linear
            return _ENDINGS[name]
        return None

    def _outputs(self, batch: FloatArray) -> list[Any]:
        if self._whole is None:
            return [self._model(batch, training=False)]
        outputs: list[Any] = self._whole(batch, training=False)
        return outputs

    @cached_property
    def _whole(self) -> Any:
        """The model with its last maps beside its figures; None where there are no such maps."""
        import keras

        maps, _ = head_parts(self._model)
        if maps is None:
            return None
        try:
            return keras.Model(self._model.inputs[0], [self._model.output, maps.output])
        except (ValueError, AttributeError):  # of models nested in others, Keras keeps no outputs
            return None

    @cached_property
    def _tail(self) -> Any:
        import keras

        maps, _ = head_parts(self._model)
        if maps is None or self._whole is None:
            return None
        try:
            return keras.Model(maps.output, self._model.output)
        except (ValueError, AttributeError):  # what lies behind needs more than the maps
            return None
