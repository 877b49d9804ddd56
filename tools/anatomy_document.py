"""docs/anatomy.md: how well the lungs are drawn, and how much of the evidence lies in them."""

from xray_app.cards import AnatomyRecord, AnatomySet, LungsRecord, ModelCard
from xray_app.core.text import interval_text, markdown_table
from xray_app.explain import EXPLANATIONS

_TEXT = """\
# Where the lungs are

Written by `{command}` from the records beside the networks; don't edit.

A network of {parameters:,} parameters (a U-Net at {side} pixels, on ONNX Runtime) draws the
lungs. It has two outputs, for there are two ways to draw them: with the lung behind the heart, as
in the children's masks, and beside the heart alone, as in the adults'. A model's card says which
its population has. Fitted on:

{fitted}

Judged on masks that it never saw, at their own size, with 95 % intervals by patient:

{tests}

Nothing was fitted to Shenzhen's masks, but they judged three recipes of augmentation, of which
this one was kept, so its figure there is no fresh estimate.

Where what it draws does not look like two lungs (too small, too large, too unlike, too high or
low, or unsure; bounds from the fitted masks), the page says so and draws nothing; *refused* is
how often that was. Repeat it with `{lungs_command}`.

## Evidence in the lungs

Of the test images that the model was never fitted to, fed as trained: which fraction of each
method's positive evidence for the predicted class lies in the lungs, and how much more that is
than the lungs' fraction of the image, which a map that is the same everywhere would have (the
energy-based pointing game of Wang et al. 2020). It says nothing of whether the place in the lungs
is the right one. A method that takes seconds was measured on few images; the last column says
on how many. Its interval is too narrow for so few, and its row is of other images than the rows
above it: don't rank it against them. Of the adults, `adults.zip` has Montgomery's films, of another
place than the training's, and `shenzhen.zip` the training's hospital's own that were held back. The
network that draws the lungs was fitted to Montgomery's masks, so its outlines on those films are
better than elsewhere.

{models}
"""

_MODEL = """\
### {title}

Measured by `{command}`.

{sets}
"""

_SET = """\
{images:,} images of `{data}`, {without} of them without lungs; the lungs take {area:.0%} of
the image:

{table}
"""


def anatomy_document(
    lungs: LungsRecord, models: list[tuple[ModelCard, AnatomyRecord]], command: str
) -> str:
    """Markdown of the network's record and of each model's."""
    tests = [
        (
            one.test_set,
            one.drawing.replace("_", " the "),
            str(one.images),
            interval_text(one.dice),
            f"{one.refused:.1%}",
        )
        for one in lungs.tests
    ]
    return _TEXT.format(
        command=command,
        parameters=lungs.parameters,
        side=lungs.side,
        fitted="\n".join(f"- {line}" for line in lungs.fitted_on),
        tests=markdown_table([("Masks", "Drawn", "Images", "Dice", "Refused"), *tests]),
        lungs_command=lungs.command,
        models="\n".join(_of_model(card, record) for card, record in models).rstrip(),
    )


def _of_model(card: ModelCard, record: AnatomyRecord) -> str:
    sets = "\n".join(_of_set(each) for each in record.sets).rstrip()
    return _MODEL.format(title=card.title, command=record.command, sets=sets)


def _of_set(measured: AnatomySet) -> str:
    rows = [
        (
            EXPLANATIONS[one.method].label,
            interval_text(one.evidence),
            interval_text(one.gain),
            str(one.images),
        )
        for one in measured.methods
    ]
    return _SET.format(
        images=measured.images,
        data=measured.data,
        without=measured.without_lungs,
        area=measured.area,
        table=markdown_table([("Method", "In the lungs", "Over their area", "Maps"), *rows]),
    )
