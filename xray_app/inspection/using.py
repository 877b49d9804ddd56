"""A model that was inspected, put to use at once: its card for a session or a command.

What the file tells is measured; what only a person knows is asked for, or assumed and said so.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

from xray_app.cards import ModelCard, parse_card
from xray_app.core import InputError, UnsupportedFile
from xray_app.core.normalization import parse_scheme
from xray_app.engines import Engine, ModelFacts
from xray_app.engines.networks import NetworkProcess
from xray_app.explain import BLACK_BOX, CLASS_ACTIVATIONS
from xray_app.inspection.expectation import Expectation
from xray_app.inspection.inspection import Inspection, inspect_model
from xray_app.inspection.skeleton import contract_of

MODEL_SUFFIXES = (".onnx", ".tflite", ".keras", ".h5", ".hdf5")
_SMALLEST_SIDE, _USUAL_SIDE = 32, 224
_LONGEST_LABEL = 80
_LONGEST_WAIT = 600.0  # seconds for one heatmap


@dataclass(frozen=True, slots=True)
class Use:
    """What a person says of a model that its file doesn't tell; None is what was measured.

    Attributes:
        scheme: the one that it was trained with.
        labels: of the outputs, in their order; none are numbered.
        side: pixels of its square input, where any size goes.
        fit, kernel, antialias: how training fitted images.
    """

    scheme: str | None = None
    labels: tuple[str, ...] = ()
    side: int | None = None
    fit: str = "stretch"
    kernel: str = "bilinear"
    antialias: bool = True


def brought_card(found: Inspection, use: Use, prefix: str = "") -> ModelCard:
    """The card of a model that is used without being installed.

    Args:
        found: what its file tells.
        use: what a person says.
        prefix: before the names of a command's options, where an error names one; "" names none.

    Raises:
        InputError: the scheme can't be told and wasn't named, or the labels are not as many as
            the outputs.
        UnknownChoice: there is no such scheme.
        UnsupportedFile: the app can't use such a model.
        CardError: the size or the fit can't be.
    """
    facts = found.facts
    scheme = _scheme(found, use, prefix)
    labels = _labels(facts, use.labels, prefix)
    name = found.card["name"]
    content: dict[str, Any] = {
        "name": f"brought-{name}"[:60].rstrip("_-"),
        "title": f"Your own: {facts.file[:60]}",
        "architecture": facts.architecture or facts.producer or "a network of its own",
        "dropout": facts.dropout,
        "classes": [
            {"name": name, "label": label}
            for name, label in zip(_names(labels), labels, strict=True)
        ],
        "input": _input(facts, use),
        "contract": contract_of(facts, replace(found.expectation, scheme=scheme)),
        "weights": {"file": re.sub(r"[^\w.\-]", "_", facts.file)[-100:], "sha256": facts.sha256},
        "training_data": {
            "name": "not known",
            "source": "not known",
            "licence": "not known",
            "population": "people of whom its file says nothing",
            "images": None,
            "recipe": "not known",
        },
        "metrics": [],
        "limitations": [
            "Nobody measured how good this model is; nothing checks whether it knows an image, and "
            "its figures are not calibrated.",
            f"How training fitted images is assumed: {use.fit}, {use.kernel}.",
        ],
        "versions": {},
        "outputs": "sigmoid" if _is_multi_label(facts) else "softmax",
        "brought": {
            "file": facts.file,
            "explanations": fitting_explanations(facts),
            "channels": facts.input_shape[2],
            "layout": facts.layout,
            "input_dtype": facts.input_dtype,
            "channel_order": facts.channel_order,
            "named": bool(use.labels or facts.labels),
            "scheme_known": use.scheme is not None or found.expectation.measured,
        },
    }
    return parse_card(content, facts.file)


def open_brought(card: ModelCard, source: Path | bytes) -> Engine:
    """The engine of a card that ``brought_card`` made, in a process of its own.

    Args:
        card: of the model.
        source: the file, or its bytes where it was uploaded.
    """
    return NetworkProcess(card, source)


def open_file(path: Path, use: Use) -> Engine:
    """Inspect a model's file and open it.

    Raises:
        As ``inspect_model`` and ``brought_card``.
    """
    return open_brought(brought_card(inspect_model(path), use, "--"), path)


def is_model_file(name: str) -> bool:
    """Whether what stands where a model's name is expected names a file."""
    return PurePath(name).suffix.lower() in MODEL_SUFFIXES or "/" in name or "\\" in name


def fitting_explanations(facts: ModelFacts) -> tuple[str, ...]:
    """Those that the file allows and that are done within ten minutes, the quick ones first."""
    quick = tuple(CLASS_ACTIVATIONS) if facts.maps == "exact" else ()
    has_maps = facts.maps in {"exact", "maps"}
    seconds = (facts.pass_ms or 0.0) / 1000.0
    slow = [
        name
        for name, method in BLACK_BOX.items()
        if (has_maps or not method.uses_last_layer) and seconds * method.passes <= _LONGEST_WAIT
    ]
    return (*quick, *slow)


def _scheme(found: Inspection, use: Use, prefix: str) -> str:
    scheme = use.scheme or found.expectation.scheme
    if scheme is None:
        raise InputError(
            f"Expected to hear which scheme {found.facts.file} was trained with: "
            f"{_first_sentence(found.expectation)} Name it{_option(prefix, 'trained SCHEME')}."
        )
    return parse_scheme(scheme).name


def _first_sentence(expectation: Expectation) -> str:
    reason = expectation.reason
    return reason if reason.endswith(".") else f"{reason}."


def _labels(facts: ModelFacts, given: Sequence[str], prefix: str) -> tuple[str, ...]:
    if facts.outputs is None:
        raise UnsupportedFile(
            f"Expected a classifier, received {facts.file}, which gives features and not one "
            "figure a class; add its head."
        )
    count = max(2, facts.outputs)
    labels = [" ".join(label.split())[:_LONGEST_LABEL] for label in (given or facts.labels)]
    labels = [label for label in labels if label]
    if not labels:
        if facts.outputs == 1:
            return ("No", "Yes")
        return tuple(f"Class {n}" for n in range(count))
    if len(labels) != count:
        raise InputError(
            f"Expected {count} class names, one for each output of {facts.file} in its "
            f"order{_option(prefix, 'classes A,B')}, received {len(labels)}."
        )
    return tuple(labels)


def _option(prefix: str, name: str) -> str:
    return f" ({prefix}{name})" if prefix else ""


def _names(labels: Sequence[str]) -> list[str]:
    """Names for results: small letters, digits and underscores, none twice."""
    found: list[str] = []
    for place, label in enumerate(labels):
        name = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")
        if not name or not name[0].isalpha():
            name = f"class_{name or place}"
        while name in found:
            name += f"_{place}"
        found.append(name)
    return found


def _input(facts: ModelFacts, use: Use) -> dict[str, Any]:
    height, width, _ = facts.input_shape
    usual = use.side or _USUAL_SIDE
    sides = height or usual, width or usual
    if min(sides) < _SMALLEST_SIDE:
        raise UnsupportedFile(
            f"Expected a model of images of at least {_SMALLEST_SIDE} pixels a side, received one "
            f"of {sides[0]} × {sides[1]}; a chest radiograph can't be told from so few."
        )
    return {
        "height": sides[0],
        "width": sides[1],
        "fit": use.fit,
        "kernel": use.kernel,
        "antialias": use.antialias,
    }


def _is_multi_label(facts: ModelFacts) -> bool:
    return facts.output_kind == "sigmoid" and (facts.outputs or 0) > 1
