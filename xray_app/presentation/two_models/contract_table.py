"""The contracts of two models in one table, and what differs in it."""

from dataclasses import dataclass
from typing import Any, Literal

from xray_app.cards import Calibration, ModelCard, trained_scheme
from xray_app.core.text import channels_text, ends_text
from xray_app.diagnosis import ModelSide
from xray_app.pipeline import card_contract

_NONE = "none"
_UNKNOWN = _NOT_STATED, _NOT_KNOWN, _NOT_NAMED = "not stated", "not known", "not named"
_LAYOUTS = {"NHWC": "channels last (NHWC)", "NCHW": "channels first (NCHW)"}
_OUTPUTS = {
    "softmax": "the classes exclude each other (softmax)",
    "sigmoid": "each class by itself (sigmoid)",
}
# What a tensor has to be; the values behind its layers; what is answered; who was trained on.
Part = Literal["input", "layers", "answer", "people"]


@dataclass(frozen=True, slots=True)
class ContractRow:
    """One aspect of both contracts.

    Attributes:
        first, second: the two values in words.
        notes: what is to be known of each value, such as that it is assumed; "" for nothing.
        assumed: whether one of the values is assumed or inferred: nobody stated or measured it.
    """

    part: Part
    aspect: str
    first: str
    second: str
    notes: tuple[str, str] = ("", "")
    assumed: bool = False

    @property
    def differs(self) -> bool | None:
        """Whether the values are not the same, whatever the notes say; None if one isn't known."""
        if self.assumed or self.first.startswith(_UNKNOWN) or self.second.startswith(_UNKNOWN):
            return None
        return self.first != self.second

    @property
    def shown(self) -> tuple[str, str]:
        """Both values with their notes."""
        first, second = (
            f"{value} ({note})" if note else value
            for value, note in zip((self.first, self.second), self.notes, strict=True)
        )
        return first, second

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        first, second = self.shown
        return {"aspect": self.aspect, "a": first, "b": second, "differs": self.differs}


def contract_rows(first: ModelSide, second: ModelSide) -> tuple[ContractRow, ...]:
    """All aspects: first what each must be fed, then what it answers, then whom it knows."""
    found, others = _values(first), _values(second)
    sides = [(side.card, assumed_aspects(side.card)) for side in (first, second)]
    assumed = sides[0][1] | sides[1][1]
    return tuple(
        ContractRow(
            part, aspect, value, others[part, aspect],
            (_note(*sides[0], aspect), _note(*sides[1], aspect)), aspect in assumed,
        )
        for (part, aspect), value in found.items()
    )  # fmt: skip


def assumed_aspects(card: ModelCard) -> frozenset[str]:
    """What of a brought model's contract its file doesn't tell, and nobody measured."""
    own = card.brought
    if own is None:
        return frozenset()
    found = {"Fit", "Kernel"}
    if own.channel_order is None and own.channels != 1:
        found.add("Order of colours")
    if not own.scheme_known:
        found |= {"Scheme", "Values", "At the first convolution"}
    return frozenset(found)


def _note(card: ModelCard, assumed: frozenset[str], aspect: str) -> str:
    is_assumed = aspect in assumed
    if aspect == "Scheme":
        return trained_scheme(card).label + (", inferred" if is_assumed else "")
    return "assumed" if is_assumed else ""


def _values(side: ModelSide) -> dict[tuple[Part, str], str]:
    card = side.card
    parts: tuple[tuple[Part, dict[str, str]], ...] = (
        ("input", _input(card)),
        ("layers", _layers(side)),
        ("answer", _answer(card)),
        ("people", _people(card)),
    )
    return {(part, aspect): text for part, values in parts for aspect, text in values.items()}


def _input(card: ModelCard) -> dict[str, str]:
    contract, own = card_contract(card), card.brought
    return {
        "Scheme": card.contract.scheme,
        "Values": contract.values_text,
        "Size": contract.size_text,
        "Fit": contract.fit_text,
        "Kernel": card.input.geometry.sampling,
        "Channels": str(contract.channels),
        "Order of colours": "gray" if contract.channels == 1 else contract.order,
        "Layout": _LAYOUTS[contract.layout],
        "Type": own.input_dtype if own else "float32",
    }


def _layers(side: ModelSide) -> dict[str, str]:
    return {
        "Own preprocessing": ", ".join(side.card.contract.layers) or _NONE,
        "At the first convolution": ends_text(side.training_range),
    }


def _answer(card: ModelCard) -> dict[str, str]:
    calibration, threshold, sets = card.calibration, card.threshold, card.conformal
    return {
        "Network": card.architecture,
        "Classes": (
            f"{_NOT_NAMED}, {len(card.classes)}"
            if card.brought is not None and not card.brought.named
            else ", ".join(label.label for label in card.classes)
        ),
        "Outputs": _OUTPUTS[card.outputs],
        "Calibration": _calibration_text(calibration) if calibration else _NONE,
        "Threshold": f"{threshold.value:.4g}, {threshold.criterion}" if threshold else _NONE,
        "Classes named together": (
            f"from a probability of {1.0 - sets.quantile:.4g} on, for {sets.coverage:.0%}"
            if sets
            else _NONE
        ),
    }


def _calibration_text(calibration: Calibration) -> str:
    return f"{calibration.method} {channels_text(calibration.temperatures)}"


def _people(card: ModelCard) -> dict[str, str]:
    data = card.training_data
    if card.brought is not None:
        unknown = dict.fromkeys(("Whom it knows", "Ages", "Views", "Trained on"), _NOT_KNOWN)
        return unknown | {"Gate": _NONE}
    ages = f"{data.ages[0]:g} to {data.ages[1]:g} years" if data.ages else _NOT_STATED
    return {
        "Whom it knows": data.population,
        "Ages": ages,
        "Views": ", ".join(data.views) or _NOT_STATED,
        "Trained on": f"{data.images:,} images, {data.name}" if data.images else data.name,
        "Gate": "yes" if card.gate else _NONE,
    }
