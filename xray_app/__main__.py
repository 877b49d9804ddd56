"""The command line: the same services as the pages.

Exit status 0, or 2 with one line on standard error when the input is bad. To add a command, write
one function that adds its arguments and runs, and register it in ``COMMANDS``.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

from xray_app.core.contrast import CONTRASTS
from xray_app.core.errors import UnreadableFile, XrayAppError
from xray_app.core.normalization import PRESETS
from xray_app.core.records import Radiograph
from xray_app.core.scale import SCALES
from xray_app.engines.catalogue import find_card, list_models, open_engine
from xray_app.engines.protocol import Engine
from xray_app.explain.class_activation import EXPLANATIONS
from xray_app.readers import read_radiograph
from xray_app.samples.catalogue import list_samples, read_sample
from xray_app.services.comparison import compare, comparison_to_dict
from xray_app.services.diagnosis import Diagnosis, diagnose
from xray_app.services.passes import DEFAULT_EXPLANATION, DETAIL, Choices
from xray_app.services.probe import Probe, probe
from xray_app.services.report import diagnosis_to_dict, encode_png, overlay

SAMPLE_PREFIX = "sample:"
DISCLAIMER = "For research and teaching only; not a medical device."


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, where argparse prints the usage as well."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status."""
    parser = _Parser(prog="xray_app", description=__doc__.splitlines()[0] if __doc__ else None)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (add_arguments, run) in COMMANDS.items():
        help_line = (run.__doc__ or "").splitlines()[0]
        command = commands.add_parser(name, help=help_line, description=run.__doc__)
        add_arguments(command)
        command.set_defaults(run=run)
    options = parser.parse_args(arguments)
    try:
        options.run(options)
    except XrayAppError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    return 0


def _model_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="M", help="model name (default: the first installed)")


def _json_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _image_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help=f"radiograph, or {SAMPLE_PREFIX}NAME")
    _model_argument(parser)
    parser.add_argument(
        "--explain",
        default=DEFAULT_EXPLANATION,
        metavar="E",
        help=f"explanation: {', '.join(EXPLANATIONS)} (default: {DEFAULT_EXPLANATION})",
    )
    parser.add_argument("--target", metavar="CLASS", help="class to explain (default: predicted)")
    parser.add_argument("--layer", help=f"layer: {', '.join(DETAIL)}, or its name (default: last)")
    _json_argument(parser)


def _predict_arguments(parser: argparse.ArgumentParser) -> None:
    _image_arguments(parser)
    parser.add_argument("--scheme", metavar="S", help="scheme (default: the model's own)")
    parser.add_argument("--overlay", type=Path, metavar="OUT.png", help="write the heatmap overlay")


def _probe_arguments(parser: argparse.ArgumentParser) -> None:
    _model_argument(parser)
    _json_argument(parser)


def _predict(options: argparse.Namespace) -> None:
    """Predict one radiograph under one scheme."""
    radiograph = _read(options.file)
    choices = Choices(options.scheme, options.explain, options.target, options.layer)
    with _open(options.model) as engine:
        diagnosis = diagnose(engine, radiograph, choices)
    if options.overlay is not None:
        _write(options.overlay, encode_png(overlay(radiograph, diagnosis, 0.6, "inferno")))
    if options.json:
        _print_json(diagnosis_to_dict(diagnosis, options.file))
    else:
        print(_describe_diagnosis(diagnosis, radiograph))


def _compare(options: argparse.Namespace) -> None:
    """Run one radiograph through every preset scheme."""
    radiograph = _read(options.file)
    choices = Choices(None, options.explain, options.target, options.layer)
    with _open(options.model) as engine:
        comparison = compare(engine, radiograph, choices=choices)
    if options.json:
        _print_json(comparison_to_dict(comparison, options.file))
        return
    for name, scheme_pass in comparison.passes.items():
        prediction = scheme_pass.prediction
        print(
            f"{name:<11}{prediction.predicted:<21}{prediction.top_probability:.3f}  "
            f"{scheme_pass.contract.verdict:<9} {scheme_pass.contract.headline}"
        )
    print(DISCLAIMER)


def _probe(options: argparse.Namespace) -> None:
    """Feed 0, 127.5 and 255 to each layer before the first convolution."""
    with _open(options.model) as engine:
        result = probe(engine)
    if options.json:
        _print_json(result.to_dict())
    else:
        print(_describe_probe(result))


def _schemes(options: argparse.Namespace) -> None:
    """List the normalization schemes."""
    rows = [
        {
            "name": s.name,
            "label": s.label,
            "formula": s.formula,
            "explanation": s.explanation,
            "output_range": s.output_range,
            "source": s.source,
        }
        for s in PRESETS.values()
    ]
    if options.json:
        steps = {"contrast": list(CONTRASTS), "scale": list(SCALES)}
        _print_json({"presets": rows, "steps": steps})
        return
    for row in rows:
        print(f"{row['name']:<11}{row['output_range']:<38}{row['explanation']}")
    print(f"or CONTRAST+SCALE with CONTRAST {', '.join(CONTRASTS)} and SCALE {', '.join(SCALES)}")


def _models(options: argparse.Namespace) -> None:
    """List the models with their cards."""
    cards = [find_card(name) for name in list_models()]
    if options.json:
        _print_json([card.model_dump(mode="json") for card in cards])
        return
    for card in cards:
        print(f"{card.name:<24}{card.title}; trained on {card.training_data.population}")


def _samples(options: argparse.Namespace) -> None:
    """List the AI-generated sample radiographs."""
    names = [SAMPLE_PREFIX + name for name in list_samples()]
    if options.json:
        _print_json(names)
    else:
        print("\n".join(names))


def _open(model: str | None) -> closing[Engine]:
    # In a process of its own: TensorFlow's notes to standard error stay out of the terminal.
    return closing(open_engine(model or list_models()[0], isolated=True))


def _read(file: str) -> Radiograph:
    if file.startswith(SAMPLE_PREFIX):
        name = file.removeprefix(SAMPLE_PREFIX)
        return read_radiograph(read_sample(name), name)
    path = Path(file)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"Can't read {file}: {error.strerror}.") from error
    return read_radiograph(data, path.name)


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise UnreadableFile(f"Can't write {path}: {error.strerror}.") from error


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False))


def _describe_diagnosis(diagnosis: Diagnosis, radiograph: Radiograph) -> str:
    prediction, contract = diagnosis.prediction, diagnosis.contract
    percentages = zip(prediction.classes, prediction.probabilities, strict=True)
    lines = [
        f"{contract.headline}. {contract.message}",
        f"{prediction.predicted} ("
        + ", ".join(f"{name} {probability:.3f}" for name, probability in percentages)
        + f") under scheme {diagnosis.scheme}",
        *radiograph.notices,
    ]
    if diagnosis.saliency.is_empty:
        lines.append(f"No positive evidence for {diagnosis.saliency.target}.")
    return "\n".join([*lines, DISCLAIMER])


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


Command = tuple[Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], None]]

COMMANDS: dict[str, Command] = {
    "predict": (_predict_arguments, _predict),
    "compare": (_image_arguments, _compare),
    "probe": (_probe_arguments, _probe),
    "schemes": (_json_argument, _schemes),
    "models": (_json_argument, _models),
    "samples": (_json_argument, _samples),
}

if __name__ == "__main__":
    sys.exit(main())
