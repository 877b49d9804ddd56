"""schemes, samples and formats: what there is to choose from."""

import argparse

from xray_app.commands.common import SAMPLE_PREFIX, Command, json_argument, print_json
from xray_app.core.normalization import CONTRASTS, PRESETS, SCALES
from xray_app.samples import list_samples


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
        print_json({"presets": rows, "steps": steps})
        return
    for row in rows:
        print(f"{row['name']:<11}{row['output_range']:<38}{row['explanation']}")
    print(f"or CONTRAST+SCALE with CONTRAST {', '.join(CONTRASTS)} and SCALE {', '.join(SCALES)}")


def _samples(options: argparse.Namespace) -> None:
    """List the AI-generated sample radiographs."""
    names = [SAMPLE_PREFIX + name for name in list_samples()]
    if options.json:
        print_json(names)
    else:
        print("\n".join(names))


def _formats_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    json_argument(parser)


def _formats(options: argparse.Namespace) -> None:
    """Tell which files are read, measured by decoding pydicom's own test files."""
    from xray_app.readers import format_table

    table = format_table()
    if options.json:
        print_json(table.to_dict())
    else:
        print(table.to_markdown() if options.markdown else table.to_text())


COMMANDS: dict[str, Command] = {
    "schemes": (json_argument, _schemes),
    "samples": (json_argument, _samples),
    "formats": (_formats_arguments, _formats),
}
