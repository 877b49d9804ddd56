"""docs/register.md: how an artefact of a network looks, and how it is found."""

from xray_app.cards import ArtefactRecord, ArtefactTest
from xray_app.core.text import interval_text, markdown_table
from xray_app.evaluation.artefacts import images_text, label_of_test, sentence, verdict_of

_TEXT = """\
# Artefact or evidence: the heatmap that sat in a corner

Written by `{tool}` from two records; don't edit. First weights: `{first_command}`, on the version 1
that this app shipped before. These weights: `{command}`.

![A map of the first weights beside one of these](register.png)

With the first weights the heatmap lay in the upper right corner of nearly every radiograph. No lung
is there, and this app used to explain it with a marker or the film's edge: something in the images
that the network had learned instead of the disease. That explanation was wrong, and it was never
tested. It takes five tests to tell an artefact from evidence, and any model can be put to them:

    python -m xray_app artefacts DATA --model NAME

{table}

- **Mirror.** Evidence moves with the image when the image is mirrored. A place doesn't.
- **Blank.** A uniform image holds no evidence. A place that stands out there is the network's.
- **Norms.** The feature vector of one cell is many times as long as the others': the network keeps
  something there that is not about that place.
- **Cover.** Hiding what the map names must cost the class more than hiding a random 15 %: one
  random map for each image, not any other place.
- **Swap.** A marker, a tube or an edge outside the body would take its class with it when what
  surrounds the body is exchanged between two patients. The command takes the last image of another
  patient. The first weights were measured when it took the image before, which was the same
  patient's in 196 of 623 pairs, so their figure of this test may be too low.

A test is passed or failed where the whole interval lies on one side of the threshold; else it is
not shown. Whether the peak follows can't be told where it lies near the axis of the mirror.

Read together, they say what the corner was. It stays on mirrored and on blank images, so nothing in
the image puts it there; the surroundings of the body seldom decide the class (how seldom may be
understated, see *Swap*), which speaks against a marker; and the cell's norm stands out by an order
of magnitude. It is a *register*: a convolutional network with
zero padding can tell its borders (Alsallakh et al., ICLR 2021, "Mind the Pad"), and large networks
park summaries of the whole image in places where nothing happens (Darcet et al., ICLR 2024, "Vision
Transformers Need Registers"). The head reads the summary there like any cell, and Grad-CAM points
at it faithfully. It tells what the network uses, and nothing of where the disease is.

What cured it: fine-tuning the last blocks with a penalty on cells whose norm exceeds twice the
median's, then asking the scores of each cell to follow the mirrored image and to vanish where the
image is covered (`tools/finetune`, [weights.md](weights.md)). {still} What a map is worth after
that is measured in [faithfulness.md](faithfulness.md).

A model of your own: `python -m xray_app inspect MODEL` does the blank test without any data.
"""


def register_document(first: ArtefactRecord, record: ArtefactRecord, tool: str) -> str:
    """Markdown; ``tool`` is the command that writes it."""
    return _TEXT.format(
        tool=tool,
        first_command=first.command,
        command=record.command,
        table=markdown_table(_rows(first, record)),
        still=_still(record),
    )


def _still(record: ArtefactRecord) -> str:
    left = [(test, verdict) for test in record.tests if (verdict := _verdict(test)) != "yes"]
    if not left:
        return "These weights pass all five."
    said = " ".join(sentence(test) for test, _ in left)
    names = " and ".join(f"{test.name} ({verdict})" for test, verdict in left)
    return f"**What is left: these weights don't pass the test {names}.** {said}"


def _rows(first: ArtefactRecord, record: ArtefactRecord) -> list[tuple[str, ...]]:
    one = ("Images", "Passes")
    return [
        ("Test", "Threshold", "First weights", *one, "These weights", *one, "Meaning"),
        *(
            (
                label_of_test(new.name),
                f"{new.threshold:g}",
                *_cells(old),
                *_cells(new),
                sentence(new),
            )
            for old, new in zip(first.tests, record.tests, strict=True)
        ),
    ]


def _cells(test: ArtefactTest) -> tuple[str, str, str]:
    figure = interval_text(test.figure) if test.figure else "undefined"
    return figure, images_text(test), _verdict(test)


def _verdict(test: ArtefactTest) -> str:
    return verdict_of(test.name, test.figure, test.threshold)
