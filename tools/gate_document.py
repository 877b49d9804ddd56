"""docs/gate.md, from the gate's file; the text around it is about the bundled model's data."""

from xray_app.cards import GateFile
from xray_app.core.text import markdown_table
from xray_app.evaluation.gate import REAL_IMAGES

_TEXT = """\
# The gate of {model}

Measured by `{command}`, written by `{tool}`; don't edit.

Before a prediction is shown, the gate asks whether the image is one that the model can know
anything about. It reads the mean and the standard deviation of every channel of
`{layer}`,
an early layer of the model itself, for the image fed as trained, whatever scheme is chosen on the
page. It closes if either of two scores is above its limit:

- **log-odds** that the image is of another kind (no chest film, negative, upside down, on its
  side, an adult's chest): a multinomial logistic regression; limit {odds:.2f};
- **distance** from the training images: Mahalanobis, over {parts} principal components and an even
  remainder; limit {distance:.2f}, where a training image has about 1.

What closes the gate is then named: the likeliest other kind, unless the image is farther from the
training images than nearly all (99.5 %) that were shown as that kind; such an image is called no
chest film.

The limits come from `val/`: even odds, or more where even odds would stop too many of its images;
and a distance that at most 0.5 % of them exceed. `test/`, the other half of the adults and the
other images are read after the rule is fixed and enter the figures below only.
The layer and the form of the limits, though, were chosen after trials in which these had been
looked at, so the figures may flatter a little.

## Figures

With 95 % intervals from 1,000 bootstrap resamples of whole patients or, for other images, of whole
sources.

{figures}

## What it was fitted to and measured on

{sources}

`val/` and the halves of the adults were split by patient. Images that are no chest film are few:
the real ones (photographs, micrographs, textures, text, CT, MR, ultrasound, scintigrams) are what
scikit-image and pydicom ship, each seen whole and in random crops; the others are drawn. No source
was used for both. Where none of them passes, resampling shows no spread; the rule of three still
leaves room for {unseen:.0%} of real sources to pass. There is no real hand film and no real film of
another body part among them; a drawn hand stands in.

## What it can't tell

**Age and source are one thing in these data.** Every child comes from one hospital in Guangzhou,
every adult from one in Bethesda, by other machines, cropping and file handling. The gate tells
these two collections apart; that it tells children from adults is likely but not shown. A child's
radiograph from elsewhere may be stopped, and an adult's made like the children's may pass.
To make it rest less on file handling, it was fitted to copies of both that were handled at random
(mirrored, trimmed, gamma, window, fewer pixels, JPEG). What such handling does to children's
radiographs of `test/` (adult score: logit of adult less logit of known, median; above 0 is adult):

{handling}
"""


def gate_document(gate: GateFile, tool: str) -> str:
    """Markdown of everything that the gate's file says; ``tool`` is the command that writes it."""
    real = next(f for f in gate.figures if f.name == REAL_IMAGES)
    return _TEXT.format(
        unseen=min(1.0, 3.0 / real.units),
        model=gate.model,
        command=gate.command,
        tool=tool,
        layer=gate.layer,
        odds=gate.log_odds.limit,
        distance=gate.distance.limit,
        parts=gate.variances.shape[0],
        figures=markdown_table(_figures(gate)),
        sources=markdown_table(_sources(gate)),
        handling=markdown_table(_handling(gate)),
    )


def _figures(gate: GateFile) -> list[tuple[str, ...]]:
    return [
        ("what", "value", "95 % interval", "images", "of"),
        *(
            (
                f.name,
                f"{f.value:.4f}",
                f"{f.low:.4f} to {f.high:.4f}",
                f"{f.images:,}",
                f"{f.units:,} {f.unit}",
            )
            for f in gate.figures
        ),
    ]


def _sources(gate: GateFile) -> list[tuple[str, ...]]:
    return [
        ("images", "used for", "number", "of"),
        *(
            (s.name.replace("_", " "), s.purpose, f"{s.images:,}", f"{s.units:,} {s.unit}")
            for s in gate.sources
        ),
    ]


def _handling(gate: GateFile) -> list[tuple[str, ...]]:
    return [
        ("handling", "images", "adult score", "called adult", "stopped in all"),
        *(
            (
                row.handling,
                str(row.images),
                f"{row.adult_score:.2f}",
                f"{row.called_adult:.1%}",
                f"{row.closed:.1%}",
            )
            for row in gate.handling
        ),
    ]
