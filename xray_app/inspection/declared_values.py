"""Whether the values that a file declares are those that a model's layers are made for."""

import numpy as np

from xray_app.core.normalization import Affine, measure_contract, parse_scheme
from xray_app.core.text import ends_text
from xray_app.inspection.expectation import Expectation, is_identity, is_usable
from xray_app.pipeline import InputContract, ScaleStep, scale_of

_SAME = 0.02  # of the range; files and cards round to four digits or so
_SHRINKS = 1.0 / 50.0
_BYTES = 20.0  # wider than any range but that of bytes
Line = tuple[tuple[float, ...], tuple[float, ...]]  # gain and offset, a channel
Judgement = tuple[bool | None, str]


def judge_values(contract: InputContract, affine: Affine, expectation: Expectation) -> Judgement:
    """Tell whether declared values fit, in sentences; None where the layers can't tell."""
    scale, source = contract.scale, contract.source
    if scale is None:
        return None, f"{source} does not state which values the model takes."
    if scale.is_per_image:
        return None, f"{source} standardises each image, which layers can't confirm."
    if is_identity(affine) or not expectation.measured:
        return _unopposed(contract, expectation)
    if expectation.scheme is None:
        return _without_scheme(contract, affine)
    return _against_scheme(contract, affine, expectation.scheme)


def _without_scheme(contract: InputContract, affine: Affine) -> Judgement:
    """The layers fit no usual scheme; perhaps they fit what is declared."""
    reached = reached_by(contract, affine) or (0.0, 0.0)
    under = f"under {contract.source} the first convolution gets {ends_text(reached)}."
    return (True, f"Fits: {under}") if is_usable(reached) else (False, f"Does not fit: {under}")


def _against_scheme(contract: InputContract, affine: Affine, scheme: str) -> Judgement:
    own = contract.scale
    expected = scale_of(parse_scheme(scheme).scale.name, contract.channels)
    received, trained = _ramp(own or expected, affine), _ramp(expected, affine)
    report = measure_contract(received, trained, (float(trained.min()), float(trained.max())))
    if report.verdict == "matches":
        return True, f"Fits: {contract.source} and the layers agree on {contract.values_text}."
    cause = _cause(contract, affine, scheme, expected)
    return False, (
        f"{cause} At the first convolution: {report.headline.lower()}. Feed {scheme} "
        f"({expected.text}), or take the layers out."
    )


def _unopposed(contract: InputContract, expectation: Expectation) -> Judgement:
    """Nothing inside changes values, so the file alone says what is fed."""
    nothing = "Nothing in front of the first convolution changes values, so the layers can't tell"
    ends = contract.ends or (0.0, 0.0)
    if not is_usable(ends):
        return False, (
            f"Does not fit: nothing inside the model rescales, and {contract.source} gives the "
            f"first convolution {ends_text(ends)}; a network is trained on values about -4 to 4."
        )
    if expectation.scheme and contract.scheme and expectation.scheme != contract.scheme:
        return None, (
            f"{nothing}; {contract.source} says {contract.values_text}, and Keras' own weights of "
            f"this family expect {expectation.scheme}."
        )
    return None, f"{nothing}; {contract.source} says {contract.values_text}."


def _cause(contract: InputContract, affine: Affine, scheme: str, expected: ScaleStep) -> str:
    """What the file and the graph both do, or neither does."""
    says = f"{contract.source} says {contract.values_text}"
    inside = _through(expected, affine)
    own = contract.scale or expected
    if _is_same_line(own, inside):
        return f"{says}; the graph already does that to {expected.text}: normalised twice."
    if any(own.offset) and any(affine.offset):
        means = " / ".join(
            f"{value:.4g}"
            for value in dict.fromkeys(-o / g for g, o in zip(*inside, strict=True) if g)
        )
        return f"{says}; the graph already subtracts a mean ({means} of 0 to 1): normalised twice."
    narrow = contract.ends and contract.ends[1] - contract.ends[0] < _BYTES
    largest = max(map(abs, affine.gain))
    if narrow and 0.0 < largest <= _SHRINKS:
        return f"{says}; the graph already divides bytes by {1 / largest:.4g}: rescaled twice."
    return f"{says}; the layers are made for {scheme}."


def _is_same_line(scale: ScaleStep, line: Line) -> bool:
    pairs = zip(scale.gain, scale.offset, *line, strict=True)
    return all(
        abs(o - b) <= _SAME * abs(a) and abs(g + o - a - b) <= _SAME * abs(a)
        for g, o, a, b in pairs
    )


def _through(scale: ScaleStep, affine: Affine) -> Line:
    """Gain and offset a channel from [0, 1] to the first convolution."""
    count = len(scale.gain)
    gains, offsets = (values * count if len(values) == 1 else values[:count]
                      for values in (affine.gain, affine.offset))  # fmt: skip
    return (
        tuple(g * s for g, s in zip(gains, scale.gain, strict=True)),
        tuple(g * s + o for g, s, o in zip(gains, scale.offset, offsets, strict=True)),
    )


def _ramp(scale: ScaleStep, affine: Affine) -> np.ndarray:
    """What a black-to-white ramp becomes at the first convolution: (1, 256, C) float32."""
    gain, offset = (np.array(each) for each in _through(scale, affine))
    ramp = np.linspace(0.0, 1.0, 256)[np.newaxis, :, np.newaxis]
    return np.asarray(ramp * gain + offset, np.float32)


def reached_by(contract: InputContract, affine: Affine) -> tuple[float, float] | None:
    """Lowest and highest value at the first convolution; None where no fixed values are stated."""
    if contract.scale is None or contract.scale.is_per_image:
        return None
    ramp = _ramp(contract.scale, affine)
    return float(ramp.min()), float(ramp.max())
