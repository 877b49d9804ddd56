"""docs/weights.md: how the bundled weights came to be, and what was tried."""

import json
from pathlib import Path
from typing import Any

from tools.finetune.choice import chosen
from xray_app.cards import ModelCard
from xray_app.core.text import markdown_table

TRIALS = Path(__file__).parent / "finetune" / "trials.json"
_LABELS = {
    "auc": "AUC",
    "auc_moved": "AUC, strongly moved images",
    "three": "Three classes",
    "changed": "Answers changed",
    "norms": "Largest cell norm over median",
    "follows": "Peak follows the mirror",
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
Labels alone can't hold the answers meanwhile: version 2, made without distillation, could keep a
fifth of this step, since more cost AUC on the test images. Here the answers of the weights before,
averaged over an image and its mirror image, are what the new ones are held to.

    KERAS_BACKEND=jax python -m tools.finetune kermany_cxr_224.zip START.weights.h5 OUT
    python -m tools.finetune.assemble START.weights.h5 OUT/{recipe_name}.npz float16.weights.h5

START are the weights before this step. They do not ship, so the step can be run on weights of your
own, and these figures can't be repeated without them. It needs jax and optax, and took nine minutes
on one H200, half of them to compile. Sums on an accelerator are not the same
twice to the last bit, so another run gives other last digits.

The recipes are in `tools/finetune/recipes.json`; of each, all (× 1) and half (× 0.5) of what it
changed was judged, computed in bfloat16. **{chosen} was chosen by the validation images alone**: of
the trials that keep the AUC, also on strongly moved images, the one with the best maps (peaks that
follow the mirror, plus five times what is lost under an image's own map beyond the mean map).

Covered are the highest 15 % of a map, with the image's mean; the figure is the probability of the
predicted class that is lost. The mean map is that of 200 training images. Answers changed: mean
total variation from the weights before. Strongly moved: turned by 25 degrees, zoomed by 25 %, and
their gray levels changed, at most.

{table}

The figures of what ships, with intervals: [evaluation.md](evaluation.md),
[faithfulness.md](faithfulness.md) and [register.md](register.md).
"""


def weights_document(card: ModelCard, tool: str) -> str:
    """Markdown; ``tool`` is the command that writes it."""
    found: dict[str, dict[str, Any]] = json.loads(TRIALS.read_text(encoding="utf-8"))
    best = chosen(found)
    rows = [("Weights", "Split", *_LABELS.values())]
    for split in ("val", "test"):
        for name, trial in found.items():
            shown = "before this step" if name == "start" else name.replace(" x ", " × ")
            label = f"**{shown}**" if name == best else shown
            figures = (f"{trial[split][figure]:.3f}" for figure in _LABELS)
            rows.append((label, split, *figures))
    return _TEXT.format(
        tool=tool,
        version=card.version,
        name=card.name,
        recipe=card.training_data.recipe,
        recipe_name=best.split(" x ")[0],
        chosen=best.replace(" x ", " × "),
        table=markdown_table(rows),
    )
