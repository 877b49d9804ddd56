"""predict and compare: what a model says of one radiograph."""

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from xray_app.cards import ModelCard, named_schemes
from xray_app.commands.common import (
    SAMPLE_PREFIX,
    Command,
    any_model_arguments,
    json_argument,
    names_in,
    note_reservation,
    open_model,
    print_json,
    read_file,
    refuse_replacing,
    scheme_argument,
    write_file,
)
from xray_app.commands.models.two_models import (
    compare_two,
    refuse_second_options,
    two_models_arguments,
)
from xray_app.core import InputError, Progress, Radiograph, TerminalProgress
from xray_app.core.images import FITS, KERNELS, encode_png
from xray_app.core.normalization import CONTRASTS, SCALES
from xray_app.core.text import DISCLAIMER
from xray_app.diagnosis import (
    DEFAULT_EXPLANATION,
    DETAIL,
    Choices,
    Comparison,
    Diagnosis,
    GeometryComparison,
    Grid,
    ReferencePass,
    blank_answers,
    compare_geometries,
    compare_with,
    diagnose,
    feed_as_trained,
    fitting_explanation,
    grid_for,
    knows,
    may_be_anothers,
    sensitivity,
    usual_geometries,
)
from xray_app.engines import Engine, models_of_others, open_engine
from xray_app.explain import ALL, SLOW, Advance, find_explanation, unwatched
from xray_app.gate import gate_sentence
from xray_app.presentation import (
    LEGEND,
    comparison_to_dict,
    diagnosis_text,
    diagnosis_to_dict,
    fit_sentence,
    geometries_to_dict,
    geometry_sentence,
    geometry_text,
    grid_sentences,
    grid_text,
    overlay,
    sensitivity_sentence,
    sensitivity_to_dict,
)
from xray_app.readers import ReadOptions


def image_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what chooses the image, the model and the explanation."""
    parser.add_argument("file", help=f"radiograph, or {SAMPLE_PREFIX}NAME")
    parser.add_argument("--frame", type=int, default=1, help="frame or page, from 1 (default: 1)")
    parser.add_argument(
        "--window", metavar="W", help="a window of the file by name, or LOW,HIGH (default: first)"
    )
    any_model_arguments(parser)
    parser.add_argument(
        "--explain",
        default=DEFAULT_EXPLANATION,
        metavar="E",
        help=f"explanation: {', '.join(ALL)} (default: {DEFAULT_EXPLANATION})",
    )
    parser.add_argument(
        "--target",
        metavar="CLASS",
        help="class to explain, or A:B for why A rather than B (default: predicted)",
    )
    parser.add_argument("--layer", help=f"layer: {', '.join(DETAIL)}, or its name (default: last)")
    parser.add_argument(
        "--fit",
        metavar="F",
        help=f"how the image is fitted into the input: {', '.join(FITS)}; pad=VALUE from 0 (black) "
        "to 1, resize-crop=PIXELS of the shorter side before (default: as trained)",
    )
    parser.add_argument("--kernel", metavar="K", help=f"{', '.join(KERNELS)} (default: as trained)")
    parser.add_argument(
        "--antialias",
        action=argparse.BooleanOptionalAction,
        help="widen the kernel with the reduction (default: as trained)",
    )


def _compare_arguments(parser: argparse.ArgumentParser) -> None:
    image_arguments(parser)
    for axis, known in (("contrast", CONTRASTS), ("scale", SCALES)):
        parser.add_argument(
            f"--{axis}",
            type=names_in,
            metavar="A,B",
            help=f"{axis} steps of the grid: {', '.join(known)} (default: all)",
        )
    parser.add_argument(
        "--schemes", type=names_in, metavar="A,B", help="these schemes instead of the grid"
    )
    two_models_arguments(parser)
    json_argument(parser)


def _predict_arguments(parser: argparse.ArgumentParser) -> None:
    image_arguments(parser)
    scheme_argument(parser)
    json_argument(parser)
    parser.add_argument("--overlay", type=Path, metavar="OUT.png", help="write the heatmap overlay")


def _choices(options: argparse.Namespace, scheme: str | None = None) -> Choices:
    explanation = options.explain, options.target, options.layer
    return Choices(scheme, *explanation, options.fit, options.kernel, options.antialias)


def _read_options(options: argparse.Namespace) -> ReadOptions:
    return ReadOptions.parse(options.frame, options.window)


def diagnosed(
    options: argparse.Namespace, data: bytes | None = None
) -> tuple[Radiograph, Diagnosis, ModelCard]:
    """What ``image_arguments`` and ``scheme_argument`` ask for, done; ``data`` as ``read_file``."""
    radiograph = read_file(options.file, _read_options(options), data)
    choices = _choices(options, options.scheme)
    with open_model(options) as engine:
        note_reservation(engine.card, options.explain)
        diagnosis = diagnose(engine, radiograph, choices, _progress_of(options.explain))
        return radiograph, diagnosis, engine.card


def _predict(options: argparse.Namespace) -> None:
    """Predict one radiograph under one scheme."""
    if options.overlay is not None:
        refuse_replacing(options.overlay, options.file, options.model)
    radiograph, diagnosis, card = diagnosed(options)
    if options.overlay is not None:
        write_file(options.overlay, encode_png(overlay(radiograph, diagnosis)))
    others = _known_by(card, radiograph) if may_be_anothers(diagnosis.gate) else None
    if options.json:
        values = _noticed(diagnosis_to_dict(diagnosis, options.file), radiograph)
        named = None if others is None else [other.name for other in others]
        print_json(values | {"known_by_other_models": named})
    else:
        print(diagnosis_text(card, diagnosis, radiograph.notices, others))


def _known_by(card: ModelCard, radiograph: Radiograph) -> list[ModelCard]:
    """The other installed models whose gate is open for what this model's stopped."""
    known: list[ModelCard] = []
    for other in models_of_others(card):
        with closing(open_engine(other.name)) as engine:
            if knows(engine, radiograph):
                known.append(other)
    return known


def _compare(options: argparse.Namespace) -> None:
    """Run one radiograph through every contrast at every scale, some schemes, or two models."""
    if options.schemes is not None and (options.contrast or options.scale):
        raise InputError(
            "Expected --schemes, or --contrast and --scale for a part of the grid, received both. "
            "Leave one out."
        )
    radiograph = read_file(options.file, _read_options(options))
    choices = _choices(options)
    if options.second is not None:
        find_explanation(options.explain)
        compare_two(options, radiograph, choices, _progress_of(options.explain))
        return
    refuse_second_options(options)
    with open_model(options) as engine:
        note_reservation(engine.card, options.explain)
        grid = grid_for(engine.card, options.contrast or CONTRASTS, options.scale or SCALES)
        named = options.schemes
        schemes = grid.names if named is None else named_schemes(engine.card, named)
        reference = feed_as_trained(engine, radiograph)
        if not options.json:  # whose lines show no map
            fitting_explanation(engine.card, choices.explanation)
            choices = choices.quick
        advance = _progress_of(choices.explanation)
        comparison = compare_with(engine, reference, schemes, choices, advance)
        if options.json:
            values = comparison_to_dict(comparison, options.file)
            moved = sensitivity(engine, radiograph, comparison.geometry.geometry)
            values["sensitivity"] = sensitivity_to_dict(engine.card, moved)
            values["geometries"] = geometries_to_dict(_geometries(engine, reference, choices))
            print_json(_noticed(values, radiograph))
            return
        print("\n".join([*radiograph.notices, gate_sentence(comparison.gate)]))
        if said := fit_sentence(comparison.geometry, comparison.trained.contract):
            print(said)
        if options.schemes is None:
            _print_grid(engine, radiograph, comparison, grid)
            _print_geometries(engine.card, _geometries(engine, reference, choices))
        else:
            _print_schemes(comparison)
    print(DISCLAIMER)


def _print_grid(engine: Engine, radiograph: Radiograph, comparison: Comparison, grid: Grid) -> None:
    card = engine.card
    labels = {name: card.label(name) for name in card.class_names}
    print(grid_text(comparison, grid, labels), LEGEND, sep="\n")
    print(*grid_sentences(comparison, grid, labels, blank_answers(engine, grid)), sep="\n")
    moved = sensitivity(engine, radiograph, comparison.geometry.geometry)
    print(sensitivity_sentence(card, moved))


def _geometries(engine: Engine, reference: ReferencePass, choices: Choices) -> GeometryComparison:
    """The usual fits, with maps that are there at once: nobody sees them here."""
    quick = Choices(target=choices.target)
    return compare_geometries(engine, reference, usual_geometries(engine.card), quick)


def _print_geometries(card: ModelCard, comparison: GeometryComparison) -> None:
    labels = {name: card.label(name) for name in card.class_names}
    print(geometry_text(comparison, labels), geometry_sentence(comparison, labels), sep="\n")


def _print_schemes(comparison: Comparison) -> None:
    for name, scheme_pass in comparison.passes.items():
        prediction = scheme_pass.prediction
        print(
            f"{name:<11}{prediction.predicted:<21}{prediction.top_probability:.3f}  "
            f"{scheme_pass.contract.verdict:<9} {scheme_pass.contract.headline}"
        )


def _noticed(values: dict[str, Any], radiograph: Radiograph) -> dict[str, Any]:
    return values | {"notices": list(radiograph.notices)}


def _progress_of(method: str) -> Advance:
    """Shows on standard error how far a slow explanation is; says nothing of a quick one."""
    if method not in SLOW:
        return unwatched
    label = ALL[method].label
    show = TerminalProgress(sys.stderr)
    return lambda fraction: show(Progress(round(100 * fraction), 100, unit="percent", stage=label))


COMMANDS: dict[str, Command] = {
    "predict": (_predict_arguments, _predict),
    "compare": (_compare_arguments, _compare),
}
