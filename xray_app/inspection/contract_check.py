"""Does a card say what the layers do? The card is a claim; the layers are measured."""

from dataclasses import dataclass

from xray_app.cards import Contract
from xray_app.core.normalization import parse_scheme
from xray_app.core.text import listed
from xray_app.inspection.expectation import Expectation, input_range

# A card rounds its figures to four digits or so.
_TOLERANCE = 0.02
_LEAST_SPAN = 0.5


@dataclass(frozen=True, slots=True)
class ContractCheck:
    """Whether declared and measured agree, in a few words and in a sentence or two."""

    agrees: bool
    headline: str
    message: str


def check_contract(
    contract: Contract,
    kinds: tuple[str, ...],
    gain: tuple[float, ...],
    offset: tuple[float, ...],
    expectation: Expectation | None = None,
) -> ContractCheck:
    """Compare the card's contract with the measured layers.

    Args:
        contract: what the card declares.
        kinds: classes of the layers that were found in front of the first convolution.
        gain: from the model's input to the first convolution, a channel.
        offset: the same.
        expectation: what the layers themselves say of the scheme, if that was asked.
    """
    faults = [
        *_compare_layers(contract, kinds),
        *_compare_input_range(contract),
        *_compare_statistics(contract, gain, offset),
        *_compare_scheme(contract, expectation),
    ]
    if faults:
        return ContractCheck(
            False,
            "The card and the layers disagree",
            f"{' '.join(faults)} Believe the layers: they are what every image passes.",
        )
    return ContractCheck(
        True,
        "The card says what the layers do",
        f"Trained with the scheme {contract.scheme} ({parse_scheme(contract.scheme).label}); "
        f"{_what_arrives(contract, kinds, gain, offset)}",
    )


def _what_arrives(
    contract: Contract, kinds: tuple[str, ...], gain: tuple[float, ...], offset: tuple[float, ...]
) -> str:
    if _depends_on_the_image(contract):
        return "what black and white become at the first convolution differs from image to image."
    low, high = first_convolution_range(contract, gain, offset)
    inside = f"the model's own {listed(kinds)} then" if kinds else "the model by itself"
    return (
        f"{inside} {'send' if len(kinds) > 1 else 'sends'} black to {low:.3f} and white to "
        f"{high:.3f} at the first convolution."
    )


def _depends_on_the_image(contract: Contract) -> bool:
    return parse_scheme(contract.scheme).scale.name == "zscore"


def first_convolution_range(
    contract: Contract, gain: tuple[float, ...], offset: tuple[float, ...]
) -> tuple[float, float]:
    """What the declared scheme's darkest and brightest value become, over all channels."""
    ends = input_range(contract.scheme, contract.statistics)
    reached = [g * end + o for g, o in zip(gain, offset, strict=True) for end in ends]
    return min(reached), max(reached)


def _compare_layers(contract: Contract, kinds: tuple[str, ...]) -> list[str]:
    if contract.layers == kinds:
        return []
    declared, found = (", ".join(layers) or "none" for layers in (contract.layers, kinds))
    return [
        f"Layers in front of the first convolution: the card declares {declared}; {found} found."
    ]


def _compare_input_range(contract: Contract) -> list[str]:
    """Training images may miss black or white, but they hardly lack half of the grays."""
    if _depends_on_the_image(contract):
        return []
    ends = input_range(contract.scheme, contract.statistics)
    low, high = contract.range
    width = ends[1] - ends[0]
    slack = _TOLERANCE * width
    if ends[0] - slack <= low and high <= ends[1] + slack and high - low >= _LEAST_SPAN * width:
        return []
    return [
        f"Input: the card declares {contract.range[0]:g} to {contract.range[1]:g}, but its scheme "
        f"{contract.scheme} gives {ends[0]:.4g} to {ends[1]:.4g}."
    ]


def _compare_statistics(
    contract: Contract, gain: tuple[float, ...], offset: tuple[float, ...]
) -> list[str]:
    """A Normalization inside must turn black and white into (0 - mean)/std and (1 - mean)/std."""
    statistics = contract.statistics
    if statistics is None or "Normalization" not in contract.layers:
        return []
    declared = -statistics.mean / statistics.std, (1.0 - statistics.mean) / statistics.std
    mean_gain, mean_offset = sum(gain) / len(gain), sum(offset) / len(offset)
    ends = input_range(contract.scheme, statistics)
    measured = tuple(mean_gain * end + mean_offset for end in ends)
    width = declared[1] - declared[0]
    if all(abs(a - b) <= _TOLERANCE * width for a, b in zip(declared, measured, strict=True)):
        return []
    return [
        f"At the first convolution: by the card's mean and variance black and white are "
        f"{declared[0]:.3g} and {declared[1]:.3g}; measured are {measured[0]:.3g} and "
        f"{measured[1]:.3g}."
    ]


def _compare_scheme(contract: Contract, expectation: Expectation | None) -> list[str]:
    if expectation is None or expectation.scheme is None or not expectation.measured:
        return []
    declared = parse_scheme(contract.scheme).scale.name
    if declared == parse_scheme(expectation.scheme).scale.name:
        return []
    return [
        f"Scheme: the card declares {contract.scheme}, but the layers are made for "
        f"{expectation.scheme}."
    ]
