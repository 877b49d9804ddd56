"""The network that draws the lungs, on ONNX Runtime."""

from functools import cache

import numpy as np

from xray_app.cards import DRAWINGS, Drawing, LungsRecord, read_lungs
from xray_app.core import (
    EngineError,
    FloatArray,
    WeightsError,
    first_line,
    models_directory,
    sha256_of,
)
from xray_app.core.images import resize

FOLDER = "lungs"


class LungNetwork:
    """Says of each pixel how sure it is lung."""

    def __init__(self, record: LungsRecord) -> None:
        """Load the graph beside the record.

        Raises:
            WeightsError: the file is missing or is another one.
            EngineError: it can't be loaded.
        """
        import onnxruntime as ort

        path = models_directory() / FOLDER / record.file
        if not path.is_file() or sha256_of(path) != record.sha256:
            raise WeightsError(
                f"Expected {FOLDER}/{record.file} with SHA-256 {record.sha256[:8]}, found "
                f"{'another file' if path.is_file() else 'none'}; restore it."
            )
        options = ort.SessionOptions()
        options.intra_op_num_threads = 2
        options.add_session_config_entry("session.force_spinning_stop", "1")
        try:
            self._session = ort.InferenceSession(path, options, ["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises its own untyped errors
            raise EngineError(f"{path.name} can't be loaded: {first_line(error)}") from error
        self.record = record

    def probabilities(self, display: FloatArray, drawing: Drawing) -> FloatArray:
        """Of each pixel to be lung.

        Args:
            display: (H, W) float32 in [0, 1], a radiograph of any size.
            drawing: how lungs are drawn: with the lung behind the heart, or beside it alone.

        Returns:
            (side, side) float32 in [0, 1].

        Raises:
            EngineError: the network failed.
        """
        image = resize(display, self.record.side, self.record.side)[np.newaxis, np.newaxis]
        try:
            (found,) = self._session.run(["lungs"], {"image": image})
        except Exception as error:  # ONNX Runtime raises its own untyped errors
            raise EngineError(f"The lungs can't be drawn: {first_line(error)}") from error
        lungs: FloatArray = found[0, DRAWINGS.index(drawing)]
        return lungs


@cache
def lung_network() -> LungNetwork | None:
    """The installed network, loaded once; None where none is installed.

    Raises:
        CardError, WeightsError, EngineError: it is damaged.
    """
    record = read_lungs(models_directory() / FOLDER)
    return None if record is None else LungNetwork(record)
