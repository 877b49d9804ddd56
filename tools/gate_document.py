"""docs/gate.md, from the gate's file; the text around it is about the bundled model's data."""

from xray_app.cards import UNSEEN_OPEN, GateFile
from xray_app.core.text import markdown_table
from xray_app.evaluation.gate import REAL_IMAGES

_TEXT = """\
# The gate of {model}

Measured by `{command}`, written by `{tool}`; don't edit.

Before a prediction is shown, the gate asks whether the image is one that the model can know
anything about. It reads the mean and the standard deviation of every channel of {layers}: layers of
the model itself, for the image fed as trained, whatever scheme is chosen on the page. It closes if
either of two scores is above its limit:

- **log-odds** that the image is of another kind (no chest film, negative, upside down, on its
  side, an adult's chest, an older child's): linear discriminant functions; limit {odds:.2f};
- **distance** from the training images: Mahalanobis, over {parts} principal components and an even
  remainder; limit {distance:.2f}, where a training image has about 1.

What closes the gate is then named: the likeliest other kind, unless the image is farther from the
training images than nearly all (99.5 %) that were shown as that kind; such an image is called no
chest film. A DICOM's own age, body part and view are weighed with it: where they say that the image
is not of those whom the model knows, the gate is closed, whatever the pixels look like.

The limits come from `val/`: log-odds that 1.5 % of its images exceed, a distance that 0.5 % do.
`test/`, what was held back of the others and the other images are read after the rule is fixed and
enter the figures below only. The layers and the form of the rule were chosen by what it does on
sources left out, so those figures may flatter a little.

## Sources that it never saw

A gate that has seen adults of one hospital may know the hospital and not the adults. So the same
fit is made without each source, and reported on what was held back of it:

{left_out}

{conclusion}

## Figures, all sources seen

With 95 % intervals from 1,000 bootstrap resamples of whole patients or, for other images, of whole
sources.

{figures}

## What it was fitted to and measured on

{sources}

Radiographs of every group were handled alike at random (mirrored, turned by up to 5 degrees,
trimmed, gamma, window, letters and markers, frames, blur, fewer pixels, JPEG), so that no look
tells one group. `val/` was split by patient, and so were the other people's films. Images that are
no chest film are few: hands, and what scikit-image and pydicom ship (photographs, micrographs,
textures, text, CT, MR, ultrasound, scintigrams), each seen whole and in random crops; the others
are drawn. No such image was used for both. Where all of a group are stopped, or none, resampling
shows no spread: there the interval is the exact one (Clopper and Pearson 1934), and of the few real
sources none passing still leaves room for {unseen:.0%} to pass.

## The official test children

Of `test/` the gate stops far more than of `val/`, nearly all of them in `NORMAL/` and named as an
adult's chest, with scores far from the rest. To our own eye, which is no radiologist's, these films
do show older people: standing, broad shoulders, long lungs. The data set says that all its patients
are 1 to 5 years old. So the fraction of "children refused" mixes two things, and it is likely that
the gate is right about many of them; it also means that a comparison of normal with pneumonia on
this test set is partly one of older with younger people, for any model.

## What it can't tell

**Every child of 1 to 5 years here comes from one hospital in Guangzhou.** An adult's film from a
place that the gate never saw opens it as often as the table of sources left out says, and a young
child's film from elsewhere may be stopped. NIH and RSNA films come from one hospital (NIH Clinical
Center). The older children are few, and from there too.

What handling does to children's radiographs of `test/` (adult score: score of an adult less score
of known, median; above 0 is adult):

{handling}
"""


def gate_document(gate: GateFile, tool: str) -> str:
    """Markdown of everything that the gate's file says; ``tool`` is the command that writes it."""
    real = next(f for f in gate.figures if f.name == REAL_IMAGES)
    return _TEXT.format(
        unseen=1.0 - real.low,
        model=gate.model,
        command=gate.command,
        tool=tool,
        layers=_listed([f"`{layer}`" for layer in gate.layers]),
        left_out=markdown_table(_left_out(gate)),
        conclusion=_conclusion(gate),
        odds=gate.log_odds.limit,
        distance=gate.distance.limit,
        parts=gate.variances.shape[0],
        figures=markdown_table(_figures(gate)),
        sources=markdown_table(_sources(gate)),
        handling=markdown_table(_handling(gate)),
    )


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _left_out(gate: GateFile) -> list[tuple[str, ...]]:
    return [
        ("fitted without", "of it open the gate", "95 % interval", "images", "patients"),
        *(
            (
                _listed(list(row.sources)),
                f"{1.0 - row.stopped:.1%}",
                f"{1.0 - row.high:.1%} to {1.0 - row.low:.1%}",
                f"{row.images:,}",
                f"{row.units:,}",
            )
            for row in gate.left_out
        ),
    ]


def _conclusion(gate: GateFile) -> str:
    if gate.tells_sources:
        return (
            f"With each, surely no more than {UNSEEN_OPEN:.0%} open it: the page says that an "
            "image looks like those that the model was trained on."
        )
    return (
        f"It is not shown that no more than {UNSEEN_OPEN:.0%} of a source that it never saw open "
        "it. So the page doesn't say that an image *is* like those that the model was trained on, "
        "but that it is *not told apart* from them."
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
