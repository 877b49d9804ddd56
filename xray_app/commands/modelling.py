"""models, probe, inspect, families, export: what is known, measured and made of a model."""

import argparse
from pathlib import Path

from xray_app.commands.common import (
    Command,
    any_model_arguments,
    installed_model,
    json_argument,
    model_argument,
    open_model,
    print_json,
    refuse_replacing,
    write_file,
)
from xray_app.commands.models.declaring import (
    declared_to_dict,
    declaring_arguments,
    print_declared,
    tell_declared,
    with_declarations,
)
from xray_app.diagnosis import Probe, probe
from xray_app.engines import find_card, list_models
from xray_app.inspection import describe_families, families_markdown, find_families, inspect_model
from xray_app.pipeline import is_declaration


def _probe_arguments(parser: argparse.ArgumentParser) -> None:
    any_model_arguments(parser)
    json_argument(parser)


def _models(options: argparse.Namespace) -> None:
    """List the models with their cards."""
    cards = [find_card(name) for name in list_models()]
    if options.json:
        print_json([card.model_dump(mode="json") for card in cards])
        return
    for card in cards:
        print(f"{card.name:<24}{card.title}; trained on {card.training_data.population}")


def _probe(options: argparse.Namespace) -> None:
    """Feed 0, 127.5 and 255 to each layer before the first convolution."""
    with open_model(options) as engine:
        result = probe(engine)
    if options.json:
        print_json(result.to_dict())
    else:
        print(_describe_probe(result))


def _describe_probe(result: Probe) -> str:
    lines = []
    for layer in result.layers:
        outputs = "  ".join(
            f"{value:g} -> {', '.join(f'{v:.4f}' for v in out)}"
            for value, out in layer.outputs.items()
        )
        lines.append(f"{layer.name} ({layer.kind}): {outputs}")
    affine = ", ".join(
        f"{g:.6g} x + {o:.6g}" for g, o in zip(result.gain, result.offset, strict=True)
    )
    return "\n".join([*lines, f"overall, a channel: {affine}"])


def _export(options: argparse.Namespace) -> None:
    """Write a model's graph for ONNX Runtime, after comparing it with Keras."""
    from xray_app.evaluation import export_model

    graph, difference = export_model(installed_model(options))
    print(f"{graph.parent.name}/{graph.name}: probabilities within {difference:.1g} of Keras'")


def _inspect_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model", type=Path, metavar="MODEL", help=".onnx, .tflite, .keras, .h5, or weights + card"
    )
    parser.add_argument("--card", type=Path, help="the card that goes with weights")
    declaring_arguments(parser)
    parser.add_argument("--write-card", type=Path, metavar="OUT", help="write a card to complete")
    json_argument(parser)


def _inspect(options: argparse.Namespace) -> None:
    """Measure what a model of your own expects; no code in its file is run."""
    if is_declaration(str(options.model)):
        tell_declared(options)
        return
    if options.write_card is not None:
        refuse_replacing(options.write_card, options.model)
    found, checks = with_declarations(inspect_model(options.model, options.card), options)
    if options.write_card is not None:
        write_file(options.write_card, found.card_json().encode())
    if options.json:
        print_json(found.to_dict() | declared_to_dict(found, checks, options))
    else:
        print(found.describe())
        print_declared(found, checks, options)


def _families_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table")
    parser.add_argument("--measure", action="store_true", help="measure anew (half a minute)")
    json_argument(parser)


def _families(options: argparse.Namespace) -> None:
    """Tell what each family of keras.applications expects, measured on its layers."""
    found = find_families(measure=options.measure)
    if options.json:
        print_json(found.to_dict())
    elif options.markdown:
        print(families_markdown(found), end="")
    else:
        print(describe_families(found))


COMMANDS: dict[str, Command] = {
    "probe": (_probe_arguments, _probe),
    "inspect": (_inspect_arguments, _inspect),
    "families": (_families_arguments, _families),
    "export": (model_argument, _export),
    "models": (json_argument, _models),
}
