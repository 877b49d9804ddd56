"""predict and compare: what a model says of one radiograph."""

import argparse
from pathlib import Path

from xray_app.commands.common import (
    DISCLAIMER,
    SAMPLE_PREFIX,
    Command,
    json_argument,
    model_argument,
    open_model,
    print_json,
    read_file,
    write_file,
)
from xray_app.core.records import Radiograph
from xray_app.explain.class_activation import EXPLANATIONS
from xray_app.readers import ReadOptions
from xray_app.services.comparison import compare, comparison_to_dict
from xray_app.services.diagnosis import Diagnosis, diagnose
from xray_app.services.gate import gate_sentence
from xray_app.services.passes import DEFAULT_EXPLANATION, DETAIL, Choices
from xray_app.services.report import diagnosis_to_dict, encode_png, overlay


def _image_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help=f"radiograph, or {SAMPLE_PREFIX}NAME")
    parser.add_argument("--frame", type=int, default=1, help="frame or page, from 1 (default: 1)")
    parser.add_argument(
        "--window", metavar="W", help="a window of the file by name, or LOW,HIGH (default: first)"
    )
    model_argument(parser)
    parser.add_argument(
        "--explain",
        default=DEFAULT_EXPLANATION,
        metavar="E",
        help=f"explanation: {', '.join(EXPLANATIONS)} (default: {DEFAULT_EXPLANATION})",
    )
    parser.add_argument("--target", metavar="CLASS", help="class to explain (default: predicted)")
    parser.add_argument("--layer", help=f"layer: {', '.join(DETAIL)}, or its name (default: last)")
    json_argument(parser)


def _predict_arguments(parser: argparse.ArgumentParser) -> None:
    _image_arguments(parser)
    parser.add_argument("--scheme", metavar="S", help="scheme (default: the model's own)")
    parser.add_argument("--overlay", type=Path, metavar="OUT.png", help="write the heatmap overlay")


def _read_options(options: argparse.Namespace) -> ReadOptions:
    ends = str(options.window).split(",")
    try:
        low, high = map(float, ends)
    except ValueError:  # not two numbers, so a name or nothing
        return ReadOptions(options.frame, options.window)
    return ReadOptions(options.frame, low=low, high=high)


def _predict(options: argparse.Namespace) -> None:
    """Predict one radiograph under one scheme."""
    radiograph = read_file(options.file, _read_options(options))
    choices = Choices(options.scheme, options.explain, options.target, options.layer)
    with open_model(options.model) as engine:
        diagnosis = diagnose(engine, radiograph, choices)
    if options.overlay is not None:
        write_file(options.overlay, encode_png(overlay(radiograph, diagnosis, 0.6, "inferno")))
    if options.json:
        print_json(diagnosis_to_dict(diagnosis, options.file))
    else:
        print(_describe_diagnosis(diagnosis, radiograph))


def _compare(options: argparse.Namespace) -> None:
    """Run one radiograph through every preset scheme."""
    radiograph = read_file(options.file, _read_options(options))
    choices = Choices(None, options.explain, options.target, options.layer)
    with open_model(options.model) as engine:
        comparison = compare(engine, radiograph, choices=choices)
    if options.json:
        print_json(comparison_to_dict(comparison, options.file))
        return
    print(gate_sentence(comparison.gate))
    for name, scheme_pass in comparison.passes.items():
        prediction = scheme_pass.prediction
        print(
            f"{name:<11}{prediction.predicted:<21}{prediction.top_probability:.3f}  "
            f"{scheme_pass.contract.verdict:<9} {scheme_pass.contract.headline}"
        )
    print(DISCLAIMER)


def _describe_diagnosis(diagnosis: Diagnosis, radiograph: Radiograph) -> str:
    prediction, contract = diagnosis.prediction, diagnosis.contract
    percentages = zip(prediction.classes, prediction.probabilities, strict=True)
    lines = [
        gate_sentence(diagnosis.gate),
        f"{contract.headline}. {contract.message}",
        f"{prediction.predicted} ("
        + ", ".join(f"{name} {probability:.3f}" for name, probability in percentages)
        + f") under scheme {diagnosis.scheme}",
        *radiograph.notices,
    ]
    if diagnosis.saliency.is_empty:
        lines.append(f"No positive evidence for {diagnosis.saliency.target}.")
    return "\n".join([*lines, DISCLAIMER])


COMMANDS: dict[str, Command] = {
    "predict": (_predict_arguments, _predict),
    "compare": (_image_arguments, _compare),
}
