"""Which scheme does a model expect, judged by what its layers do to black and white?"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xray_app.core.normalization import (
    PRESETS,
    Affine,
    Channels,
    DatasetStatistics,
    normalize,
    parse_scheme,
)
from xray_app.core.text import ends_text
from xray_app.engines import STORED, ModelFacts, Quantization
from xray_app.engines.keras import shipped_families

# Networks are trained on values of about this size: [0, 1] is the narrowest in use, and several
# deviations to either side the widest.
_NARROWEST, _WIDEST, _FARTHEST = 0.5, 8.0, 4.0
_CANDIDATES = ("raw", "rescale", "signed")
_CANDIDATES_AND_MODES = (*_CANDIDATES, "imagenet", "caffe")  # all that a family may expect
_SAME = 1e-3
_NOTHING_IN_FRONT = (
    "Nothing in front of the first convolution changes pixel values (an exporter may have merged a "
    "rescaling into the convolution's own weights), so the file can't tell what the model was "
    "trained with; only the person who trained it can."
)
_BYTES = "The model takes whole numbers of 8 bits and leaves them as they are: bytes, 0 to 255."
_MIXING = (
    "A learned 1 × 1 convolution that makes the channels stands in front; if it keeps values where "
    "they are, this holds:"
)
# A mean that is subtracted from bytes is larger than any in other units.
_BYTE_MEAN = -20.0


@dataclass(frozen=True, slots=True)
class Expectation:
    """The scheme that fits, and why.

    Attributes:
        scheme: a preset; None if the layers can't tell, or if none gives usable values.
        measured: True if the layers themselves tell; False if it is what the family's published
            weights expect.
        reason: one or two sentences.
        reached: lowest and highest value at the first convolution under ``scheme``.
    """

    scheme: str | None
    measured: bool
    reason: str
    reached: tuple[float, float] | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "scheme": self.scheme,
            "measured": self.measured,
            "reason": self.reason,
            "first_convolution": list(self.reached) if self.reached else None,
        }


def expected_of(facts: ModelFacts) -> Expectation:
    """Tell the scheme that a measured model expects.

    A learned 1 x 1 convolution in front is left out: what stands behind it tells what values a
    person meant the backbone to get.
    """
    if facts.quantization is not None:
        return _from_stored(facts, facts.quantization)
    if facts.declared is not None and is_identity(facts.affine):
        return _from_metadata(facts, *facts.declared)
    if facts.input_dtype in {"uint8", "int8"} and is_identity(facts.affine):
        return Expectation("raw", True, _BYTES, span(facts.ranges["raw"]))
    if facts.file_format in {"onnx", "tflite"} and is_identity(facts.affine):
        return Expectation(None, False, _NOTHING_IN_FRONT, None)
    if facts.behind_mixing is None:
        return deduce_scheme(facts.affine, facts.ranges, facts.architecture)
    behind = facts.behind_mixing
    ranges = {name: _through(behind, input_range(name)) for name in _CANDIDATES_AND_MODES}
    found = deduce_scheme(behind, ranges, facts.architecture)
    return replace(found, reason=f"{_MIXING} {found.reason}")


def _from_stored(facts: ModelFacts, stored: Quantization) -> Expectation:
    """A whole-number input tells by its scale and zero point which values can be stored in it."""
    low, high = stored.ends
    if stored.takes_bytes:
        less = " less 128" if stored.dtype == "int8" else ""
        reason = (
            f"The input is stored as {stored.dtype} with scale {stored.scale:.6g} and zero point "
            f"{stored.zero_point}, values from {low:.4g} to {high:.4g}, so bytes{less} go in as "
            "they are, 0 to 255; floats from 0 to 1 put in would be rounded to 0 and 1"
        )
        return Expectation("raw", True, f"{reason}.", span(facts.ranges["raw"]))
    for name in _CANDIDATES_AND_MODES:
        ends = input_range(name)
        if all(
            abs(one - other) <= STORED * (ends[1] - ends[0])
            for one, other in zip((low, high), ends, strict=True)
        ):
            reason = (
                f"The input is stored as {stored.dtype} for values from {low:.4g} to {high:.4g}, "
                f"which is {PRESETS[name].output_range}"
            )
            return Expectation(name, True, f"{reason}.", span(facts.ranges[name]))
    reason = (
        f"The input is stored as {stored.dtype} for values from {low:.4g} to {high:.4g}, which no "
        "usual scheme spans; only the person who trained the model can tell."
    )
    return Expectation(None, False, reason, None)


def _from_metadata(facts: ModelFacts, mean: Channels, std: Channels) -> Expectation:
    """What the file's own metadata says of ``(x - mean) / std`` with x a byte; not measured."""
    said = (
        "Nothing in front of the first convolution changes pixel values; the file's metadata says "
        f"(x - {mean[0]:g}) / {std[0]:g} of bytes"
    )
    made = (-mean[0] / std[0], (255.0 - mean[0]) / std[0])
    for name in _CANDIDATES:
        ends = input_range(name)
        if np.allclose(made, ends, atol=STORED * (ends[1] - ends[0])):
            return Expectation(name, False, f"{said}, which is {name}.", span(facts.ranges[name]))
    return Expectation(None, False, f"{said}, which is no usual scheme.", None)


def _through(affine: Affine, ends: tuple[float, float]) -> tuple[Channels, Channels]:
    """Lowest and highest value of each channel behind the map."""
    reached = [
        sorted(gain * end + offset for end in ends)
        for gain, offset in zip(affine.gain, affine.offset, strict=True)
    ]
    return tuple(low for low, _ in reached), tuple(high for _, high in reached)


def deduce_scheme(
    affine: Affine, ranges: dict[str, tuple[Channels, Channels]], architecture: str | None
) -> Expectation:
    """Tell the scheme from what reaches the first convolution under each.

    Args:
        affine: from the model's input to the first convolution.
        ranges: by preset, what black and white become there, a channel.
        architecture: a name in Keras Applications, if it is one.
    """
    if is_identity(affine):
        return _from_family(ranges, architecture)
    spans = {name: span(ranges[name]) for name in _CANDIDATES}
    if _near(affine.gain, 1.0) and min(affine.offset) < _BYTE_MEAN:
        reason = "The layers subtract a mean of bytes, so the model takes bytes, 0 to 255"
        return Expectation("raw", True, f"{reason}; {_arrive(spans['raw'])}.", spans["raw"])
    usable = {name: ends for name, ends in spans.items() if is_usable(ends)}
    if not usable:
        found = ", ".join(f"{name} {ends_text(ends)}" for name, ends in spans.items())
        reason = (
            f"No usual scheme gives the first convolution usable values ({found}); the layers "
            "rescale too much or too little."
        )
        return Expectation(None, True, reason, None)
    # Where two fit, such as [0, 1] and [-1, 1], the layers were made to centre one of them.
    name = min(usable, key=lambda n: abs(sum(usable[n])) / (usable[n][1] - usable[n][0]))
    takes = f"so the model takes values of {PRESETS[name].output_range}"
    reason = f"The layers rescale by themselves, {takes}; {_arrive(usable[name])}."
    return Expectation(name, True, reason, usable[name])


def is_identity(affine: Affine) -> bool:
    """Do pixel values reach the first convolution as they are?"""
    return _near(affine.gain, 1.0) and _near(affine.offset, 0.0)


def span(ends: tuple[Channels, Channels]) -> tuple[float, float]:
    """Lowest and highest value over all channels."""
    return min(ends[0]), max(ends[1])


def input_range(name: str, statistics: DatasetStatistics | None = None) -> tuple[float, float]:
    """What a black-to-white ramp spans in the model's input under the scheme ``name``."""
    ramp = np.linspace(0.0, 1.0, 4096, dtype=np.float32).reshape(64, 64)
    array = normalize(ramp, parse_scheme(name), statistics).array
    return float(array.min()), float(array.max())


def _from_family(
    ranges: dict[str, tuple[Channels, Channels]], architecture: str | None
) -> Expectation:
    published = {s.architecture: s.expects for s in shipped_families().stems if not s.layers}
    unchanged = "Nothing in front of the first convolution changes pixel values"
    if architecture not in published:
        reason = (
            f"{unchanged}, so the layers can't tell what the model was trained with; only the "
            "person who trained it can."
        )
        return Expectation(None, False, reason, None)
    scheme = published[architecture]
    reason = (
        f"{unchanged}. {architecture} with Keras' ImageNet weights expects {scheme} (its "
        "preprocess_input); trained otherwise, it expects what its own training used."
    )
    return Expectation(scheme, False, reason, span(ranges[scheme]))


def _near(values: Channels, target: float) -> bool:
    return all(abs(value - target) < _SAME for value in values)


def is_usable(ends: tuple[float, float]) -> bool:
    """Whether networks are trained on values that span this."""
    low, high = ends
    return _NARROWEST <= high - low <= _WIDEST and abs(low + high) / 2 <= _FARTHEST


def _arrive(ends: tuple[float, float]) -> str:
    return f"at the first convolution they span {ends_text(ends)}"
