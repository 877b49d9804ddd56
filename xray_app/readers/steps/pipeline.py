"""An image on its way from a file to a Radiograph, with the trail of what was done to it."""

from dataclasses import dataclass, replace

import numpy as np

from xray_app.core import AnyArray, ProvenanceStep, UnreadableFile


def full_scale(bits: int) -> float:
    """Return the largest value of ``bits`` bits, rounded to float32 so that no pixel can exceed it.

    >>> full_scale(12)
    4095.0
    """
    return float(np.float32(2**bits - 1))


def value_range(values: AnyArray) -> tuple[float, float]:
    """Return the smallest and largest finite value of an array; (0, 0) when there is none.

    >>> import numpy as np
    >>> value_range(np.array([1.0, np.inf, 3.0]))
    (1.0, 3.0)
    """
    if values.size and np.isfinite(ends := (values.min(), values.max())).all():
        return float(ends[0]), float(ends[1])
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Pipeline:
    """The values so far, and the steps and notices that led to them.

    Attributes:
        values: (H, W), or (H, W, C) until colour is turned to gray.
        white: the value that stands for full white.
    """

    values: AnyArray
    white: float
    steps: tuple[ProvenanceStep, ...] = ()
    notices: tuple[str, ...] = ()

    @classmethod
    def decoded(cls, values: AnyArray, bits: int, detail: str) -> "Pipeline":
        """Start from decoded values; the range before is the one that their type declares.

        White is 2**bits - 1 for integers, signed ones too, and 1 for floats.

        >>> import numpy as np
        >>> pipeline = Pipeline.decoded(np.array([[7, 4095]], np.uint16), 12, "PNG")
        >>> pipeline.white, pipeline.steps[0].before, pipeline.steps[0].after
        (4095.0, (0.0, 4095.0), (7.0, 4095.0))
        """
        white = 1.0 if values.dtype.kind == "f" else full_scale(bits)
        lowest = -(2.0 ** (bits - 1)) if values.dtype.kind == "i" else 0.0
        step = ProvenanceStep("Decoded", detail, (lowest, lowest + white), value_range(values))
        return cls(values, white, (step,))

    def then(self, name: str, detail: str, values: AnyArray) -> "Pipeline":
        """Record one step to ``values``."""
        step = ProvenanceStep(name, detail, value_range(self.values), value_range(values))
        return replace(self, values=values, steps=(*self.steps, step))

    def noting(self, sentence: str) -> "Pipeline":
        """Add a sentence that a person should read before trusting the image."""
        return replace(self, notices=(*self.notices, sentence))


def inverted(pipeline: Pipeline, detail: str) -> Pipeline:
    """Turn black into white: x' = white - x, in float32.

    >>> import numpy as np
    >>> inverted(Pipeline(np.array([[0, 55]], np.uint8), 255.0), "MONOCHROME1").values.tolist()
    [[255.0, 200.0]]
    """
    values = np.float32(pipeline.white) - pipeline.values.astype(np.float32)
    return pipeline.then("Inverted", detail, values)


def with_finite_values(pipeline: Pipeline) -> Pipeline:
    """Put the smallest finite value where a float is infinite or not a number.

    Raises:
        UnreadableFile: no value is finite.

    >>> import numpy as np
    >>> with_finite_values(Pipeline(np.array([[0.5, np.nan]]), 1.0)).values.tolist()
    [[0.5, 0.5]]
    """
    if pipeline.values.dtype.kind != "f":
        return pipeline
    finite = np.isfinite(pipeline.values)
    missing = finite.size - int(finite.sum())
    if not missing:
        return pipeline
    if missing == finite.size:
        raise UnreadableFile("Expected finite values, received none. Export the image again.")
    values = np.where(finite, pipeline.values, pipeline.values[finite].min())
    pipeline = pipeline.then(
        "Missing values", f"{missing} set to the smallest finite value", values
    )
    return pipeline.noting(
        f"{missing} values are infinite or not a number; the smallest value stands in for them."
    )


def with_dark_notice(pipeline: Pipeline) -> Pipeline:
    """Warn if under 1/8 of full scale is used: perhaps 12 bits in a file that declares 16.

    The true depth isn't guessed, since a dark image and a shallow one can't be told apart.

    >>> import numpy as np
    >>> pipeline = with_dark_notice(Pipeline(np.array([[0, 4095]], np.uint16), 65535.0))
    >>> pipeline.notices[0].partition(",")[0]
    'The file uses only 4095 of 65535 levels'
    """
    brightest = value_range(pipeline.values)[1]
    if brightest * 8 >= pipeline.white:
        return pipeline
    return pipeline.noting(
        f"The file uses only {brightest:.0f} of {pipeline.white:.0f} levels, so it looks dark. "
        "If it holds fewer bits than it declares, export it with its values scaled."
    )


def with_profile(pipeline: Pipeline, what: str = "ICC profile") -> Pipeline:
    """Record that an ICC profile, or what else the file says of its colours, is not applied.

    A profile says how a device shows the values. Models are trained on the values themselves, as
    Pillow and TensorFlow decode them, so applying it would change what the model sees.

    >>> import numpy as np
    >>> with_profile(Pipeline(np.array([[0, 255]], np.uint8), 255.0)).steps[0].detail
    "the file's ICC profile is not applied; the values stay as they are"
    """
    verb = "are" if what.split(maxsplit=1)[0].endswith("s") else "is"
    detail = f"the file's {what} {verb} not applied; the values stay as they are"
    return pipeline.then("Colour profile", detail, pipeline.values)
