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
are differences relative to the scores' own size, so that they can't be met by shrinking the scores:
a first try whose gradient left the size out did just that, and lost the classes (cross-entropy from
0.29 to 0.57 within an epoch and a half).

    python -m tools.finetune kermany_cxr_224.zip START.weights.h5 OUT --epochs 2 --rate 1e-4
    python -m tools.finetune.judge kermany_cxr_224.zip runs.json NAME=WEIGHTS ...

Judged on validation images; the last row ships. Covered are the highest 15 % of a map, with the
image's mean; the figure is the probability of the predicted class that is lost, on every second
image. The mean map is that of 200 training images.

{table}

On the test images, which chose nothing: [evaluation.md](evaluation.md),
[faithfulness.md](faithfulness.md) and [register.md](register.md).
"""


def weights_document(card: ModelCard, tool: str) -> str:
    """Markdown; ``tool`` is the command that writes it."""
    runs: dict[str, dict[str, float]] = json.loads(RUNS.read_text(encoding="utf-8"))
    rows = [
        ("Weights", *_LABELS.values()),
        *((name, *(f"{run[figure]:.3f}" for figure in _LABELS)) for name, run in runs.items()),
    ]
    return _TEXT.format(
        tool=tool,
        version=card.version,
        name=card.name,
        recipe=card.training_data.recipe,
        table=markdown_table(rows),
    )
