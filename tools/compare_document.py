"""Write docs/compare.md: what contrast, scale and geometry do to the samples and to other files.

    python -m tools.compare_document full_size

It takes half a minute. Every image goes through the grid and the fits of the page Compare.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xray_app.cards import ModelCard
from xray_app.core import Radiograph, write_text
from xray_app.core.text import markdown_table
from xray_app.diagnosis import (
    Choices,
    Comparison,
    GeometryComparison,
    ScaleEffect,
    blank_answers,
    compare_geometries,
    compare_with,
    feed_as_trained,
    grid_for,
    scale_effects,
    usual_geometries,
)
from xray_app.engines import Engine, default_model, open_engine
from xray_app.presentation import geometry_label, short_label
from xray_app.readers import read_radiograph
from xray_app.samples import list_samples, read_sample

COMMAND = "python -m tools.compare_document"
PATH = Path(__file__).parents[1] / "docs" / "compare.md"

_TEXT = """\
# What contrast, scale and geometry change

Written by `{command} FOLDER`; don't edit. The page *Compare schemes* for each image: every contrast
at every scale, and six ways to fit the image into the model's input, by `{model}` (version
{version}).

- **At its own scale**: how many of the {contrasts} other contrasts change the class, and which.
- **Blind scales**: those under which a blank image gets the same answer, so that the prediction
  says nothing of the image; and how many cells of the others have another class.
- **Fits**, **kernels**: how many of the {fits} other fits and of the {kernels} other ways to
  resample change the class, and which. Training had every image {trained}.

{table}

Altogether, of {images} images:

{totals}

A changed class is no error by itself: nobody knows here which one is right. It says that the answer
hangs on a step that most pipelines never mention.

The samples are square, so that padding and cropping leave them as they are; the other files are
radiographs of the test part of the model's data at full size, named as there, and no part of this
project.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One image."""

    name: str
    comparison: Comparison
    effects: tuple[ScaleEffect, ...]
    own: ScaleEffect
    geometries: GeometryComparison


def rows(engine: Engine, images: Iterator[tuple[str, Radiograph]]) -> Iterator[Row]:
    """Compare each image."""
    grid = grid_for(engine.card)
    blanks = blank_answers(engine, grid)
    for name, radiograph in images:
        reference = feed_as_trained(engine, radiograph)
        found = compare_with(engine, reference, grid.names)
        effects = scale_effects(found, grid, blanks)
        own = next(e for e in effects if e.scale == grid.trained.scale.name)
        fits = compare_geometries(engine, reference, usual_geometries(engine.card), Choices())
        yield Row(name, found, tuple(e for e in effects if e is not own), own, fits)


def images_of(folder: Path) -> Iterator[tuple[str, Radiograph]]:
    """The samples, then the files of a folder by name."""
    for name in list_samples():
        yield f"sample:{name}", read_radiograph(read_sample(name))
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        yield path.name, read_radiograph(path.read_bytes(), path.name)


def line(card: ModelCard, row: Row) -> tuple[str, ...]:
    """One line of the table."""
    labels = {name: card.label(name) for name in card.class_names}
    before = row.comparison.trained.prediction
    flips = [cell for cell in row.own.cells if cell.flips]
    contrasts = ", ".join(
        f"{short_label(cell.predicted, labels)} under `{cell.scheme}`" for cell in flips
    )
    blind = [effect for effect in row.effects if effect.is_blind]
    seeing = [effect for effect in row.effects if not effect.is_blind]
    seen = ", ".join(f"{e.flips} of {len(e.cells)} under `{e.scale}`" for e in seeing)
    fits, kernels = (_turned(row.geometries, labels, same_fit=same) for same in (False, True))
    return (
        row.name,
        f"{short_label(before.predicted, labels)} {before.top_probability:.2f}",
        f"{len(flips)}{': ' * bool(flips)}{contrasts}",
        f"{len(blind)} of {len(row.effects)}{'; ' * bool(seen)}{seen}",
        fits,
        kernels,
    )


def _turned(found: GeometryComparison, labels: dict[str, str], *, same_fit: bool) -> str:
    trained = found.trained.effect.geometry
    turned = [
        f"{short_label(p.scheme_pass.prediction.predicted, labels)} "
        f"{geometry_label(p.effect.geometry, trained).lower()}"
        for p in found.passes
        if p.flips and (p.effect.geometry.fit == trained.fit) == same_fit
    ]
    return f"{len(turned)}{': ' * bool(turned)}{', '.join(turned)}"


def totals(every: list[Row]) -> Iterator[tuple[str, ...]]:
    """How many images change their class under each contrast, fit and kernel."""
    for place, cell in enumerate(every[0].own.cells):
        if cell.scheme != every[0].comparison.trained_scheme:
            flips = sum(row.own.cells[place].flips for row in every)
            yield f"contrast `{cell.scheme}`", f"{flips} of {len(every)}"
    trained = every[0].geometries.trained.effect.geometry
    for place, one in enumerate(every[0].geometries.passes[1:], start=1):
        flips = sum(row.geometries.passes[place].flips for row in every)
        label = geometry_label(one.effect.geometry, trained).lower()
        yield f"geometry: {label}", f"{flips} of {len(every)}"


def document(engine: Engine, images: Iterator[tuple[str, Radiograph]]) -> str:
    """The Markdown."""
    card, every = engine.card, list(rows(engine, images))
    passes = every[0].geometries.passes[1:]
    trained = every[0].geometries.trained.effect.geometry
    kernels = sum(p.effect.geometry.fit == trained.fit for p in passes)
    head = ("Image", "As trained", "At its own scale", "Blind scales", "Fits", "Kernels")
    full = [row for row in every if not row.name.startswith("sample:")]
    parts = [("Step", "All"), *totals(every)]
    if full:
        of_full = [("", f"The {len(full)} files"), *totals(full)]
        parts = [(*a, b[1]) for a, b in zip(parts, of_full, strict=True)]
    return _TEXT.format(
        command=COMMAND,
        model=card.name,
        version=card.version,
        contrasts=len(every[0].own.cells) - 1,
        fits=len(passes) - kernels,
        kernels=kernels,
        trained=trained.text,
        table=markdown_table([head, *(line(card, row) for row in every)]),
        images=len(every),
        totals=markdown_table(parts),
    )


def main() -> None:
    """Write it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="radiographs beside the samples")
    folder = parser.parse_args().folder
    write_text(PATH, document(open_engine(default_model()), images_of(folder)))


if __name__ == "__main__":
    main()
