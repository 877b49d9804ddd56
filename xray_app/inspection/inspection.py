"""Bring your own model: what it expects at its input, what is wrong, and a card to start from."""

import json
import math
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from xray_app.cards import InputSize, ModelCard, read_card
from xray_app.core import MOST_NORM_RATIO, scratch_folder
from xray_app.core.normalization import Affine
from xray_app.core.text import affine_text, constants_text
from xray_app.engines import PROBE_VALUES, LayerFacts, ModelFacts, call_in_child
from xray_app.engines.keras import examine
from xray_app.engines.networks import NETWORK_MEMORY, examine_network, is_network
from xray_app.inspection.contract_check import ContractCheck, check_contract
from xray_app.inspection.expectation import Expectation, expected_of, span
from xray_app.inspection.issues import Issue, find_faults
from xray_app.inspection.sentences import maps_sentence, quantization_sentence, takes_sentence
from xray_app.inspection.skeleton import card_skeleton, open_fields

GEOMETRY = (
    "Geometry: a model's file doesn't tell how training fitted and resampled images, and another "
    "fit can change the class; fill it in on the card. Unless told otherwise Keras' Resizing and "
    "image_dataset_from_directory stretch, bilinear, not antialiased; torchvision's presets resize "
    "the shorter side and crop, antialiased (crop pixels 224, 256 before)."
)
SECONDS = 300.0  # EfficientNetB7 takes 50 s on two cores


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was measured and what it means.

    Attributes:
        check: the given card against the layers; None without a card.
        card: a skeleton of a card, as plain values for JSON.
    """

    facts: ModelFacts
    expectation: Expectation
    issues: tuple[Issue, ...]
    check: ContractCheck | None
    card: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        facts = self.facts
        return {
            "file": facts.file,
            "format": facts.file_format,
            "sha256": facts.sha256,
            "keras": facts.keras_version,
            "architecture": facts.architecture,
            "input": list(facts.input_shape),
            "layout": facts.layout,
            "channel_order": facts.channel_order,
            "input_dtype": facts.input_dtype,
            "quantization": asdict(facts.quantization) if facts.quantization else None,
            "output_kind": facts.output_kind,
            "class_activation_maps": facts.maps,
            "labels": list(facts.labels),
            "producer": facts.producer,
            "outputs": facts.outputs,
            "activation": facts.activation,
            "compute_dtypes": list(facts.dtypes),
            "expects": self.expectation.to_dict(),
            "warnings": [{"kind": f.kind, "message": f.message} for f in self.issues],
            "contract_check": (
                {"agrees": self.check.agrees, "message": self.check.message} if self.check else None
            ),
            "layers": [_layer_to_dict(layer) for layer in facts.layers],
            "affine": _affine_to_dict(facts.affine),
            "geometry": self.geometry_sentence,
            "blank_norm_ratio": self.blank_ratio,
            "first_convolution": {
                name: {"low": list(low), "high": list(high)}
                for name, (low, high) in facts.ranges.items()
            },
            "card": self.card,
        }

    @property
    def blank_ratio(self) -> float | None:
        """The median largest cell norm over the median's on uniform images; None if undefined."""
        defined = [ratio for ratio in self.facts.blank_ratios if math.isfinite(ratio)]
        return median(defined) if defined else None

    @property
    def blank_sentence(self) -> str | None:
        """Whether one place stands out on images without any content."""
        if self.blank_ratio is None:
            return None
        verdict = (
            "one place stands out though nothing is there: the network keeps something in it, and "
            "heatmaps may point at it (docs/register.md)"
            if self.blank_ratio > MOST_NORM_RATIO
            else "no place stands out"
        )
        return (
            f"On blank images the largest cell norm is {self.blank_ratio:.1f} times the median's: "
            f"{verdict}."
        )

    @property
    def geometry_sentence(self) -> str:
        """How training fitted images, or that only a person can tell."""
        try:
            known = InputSize.model_validate(self.card["input"]).geometry
        except ValueError:
            return GEOMETRY
        return f"Geometry, as the card declares: {known.text}."

    def card_json(self) -> str:
        """The skeleton of the card, as the content of a file."""
        return json.dumps(self.card, indent=2, ensure_ascii=False) + "\n"

    def describe(self) -> str:
        """The same as text: what it expects, what is wrong, the layers, each scheme's range."""
        facts = self.facts
        size = " × ".join("any" if n is None else str(n) for n in facts.input_shape)
        lines = [
            f"{facts.file}: {facts.architecture or facts.producer or 'no architecture known here'}"
            f", input {size}, {facts.outputs or 'no'} outputs",
            f"Expects: {self.expectation.scheme or 'unknown'}. {self.expectation.reason}",
            *(f"Warning: {issue.message}" for issue in self.issues),
            takes_sentence(facts),
            *filter(None, (quantization_sentence(facts), maps_sentence(facts))),
            *([said] if (said := self.blank_sentence) else []),
            *([f"{self.check.headline}. {self.check.message}"] if self.check else []),
            self.geometry_sentence,
            "Layers in front of the first convolution:" if facts.layers else "No layer in front.",
            *(f"  {describe_layer(layer)}" for layer in facts.layers),
            "What a black-to-white ramp spans at the first convolution:",
            *(
                f"  {name:<11}{low:>10.4g} to {high:.4g}"
                for name, (low, high) in ((n, span(r)) for n, r in facts.ranges.items())
            ),
            f"Card skeleton: {len(open_fields(self.card))} fields to fill in.",
        ]
        return "\n".join(lines)


def inspect_model(path: Path, card_path: Path | None = None) -> Inspection:
    """Load a model in a process of its own, running no code from the file, and measure it.

    Args:
        path: .onnx, .tflite, .keras, legacy .h5, or Keras' weights alone.
        card_path: a card; needed for weights alone, else compared with the layers.

    Raises:
        UnreadableFile, UnsupportedFile: the file is damaged, is no model, or holds code.
        CardError, WeightsError: the card is wrong, or does not fit the weights.
        EngineError: the runtime failed, or took longer than five minutes.
    """
    card = read_card(card_path) if card_path else None
    facts = _examined(path.resolve(), card)
    expectation = expected_of(facts)
    check = None
    if card:
        kinds = tuple(layer.kind for layer in facts.layers)
        check = check_contract(
            card.contract, kinds, facts.affine.gain, facts.affine.offset, expectation
        )
    return Inspection(
        facts, expectation, find_faults(facts), check, card_skeleton(facts, expectation, card)
    )


def _examined(path: Path, card: ModelCard | None) -> ModelFacts:
    if is_network(path):
        return call_in_child(
            examine_network, path, returns=ModelFacts, seconds=SECONDS, memory=NETWORK_MEMORY
        )
    return call_in_child(examine, path, card, returns=ModelFacts, seconds=SECONDS)


def inspect_bytes(data: bytes, name: str, card: bytes | None = None) -> Inspection:
    """Inspect an uploaded model; it lies in a private file, in memory where that is possible.

    Args:
        data: the content of the model's file.
        name: its name; anything but letters, digits, dots and dashes is replaced.
        card: the content of a card's file.

    Raises:
        As ``inspect_model``; XrayAppError: there is no room for that file.
    """
    with scratch_folder(len(data)) as folder:
        path = folder / re.sub(r"[^\w.\-]", "_", name)[-100:]
        path.write_bytes(data)
        card_path = None
        if card is not None:
            card_path = folder / "uploaded-card.json"
            card_path.write_bytes(card)
        return inspect_model(path, card_path)


def describe_layer(layer: LayerFacts) -> str:
    """One layer in a line: its name, its constants, and its gain and offset."""
    constants = constants_text(layer.constants)
    kind = f"{layer.kind}: {constants}" if constants else layer.kind
    return f"{layer.path} ({kind}): {affine_text(layer.affine)}"


def _layer_to_dict(layer: LayerFacts) -> dict[str, Any]:
    outputs = zip(PROBE_VALUES, layer.outputs, strict=True)
    return {
        "path": layer.path,
        "kind": layer.kind,
        "constants": {name: list(values) for name, values in layer.constants.items()},
        "affine": _affine_to_dict(layer.affine) if layer.affine else None,
        "outputs": {f"{value:g}": list(output) for value, output in outputs},
    }


def _affine_to_dict(affine: Affine) -> dict[str, Any]:
    return {
        "gain": list(affine.gain),
        "offset": list(affine.offset),
        "deviation": affine.deviation,
    }
