"""Which of what was tried is kept, by the validation images alone."""

from collections.abc import Mapping
from typing import Any

# No worse than the weights before, beyond what a validation of 521 images can tell.
_AUC, _AUC_MOVED = 0.001, 0.003
# A tenth more of images that follow the mirror is worth as much as 0.02 more lost under the map.
_COVER = 5.0


def chosen(found: Mapping[str, Mapping[str, Any]]) -> str:
    """The name of the trial whose maps are best among those whose answers stayed as good."""
    before = found["start"]["val"]
    kept = {
        name: trial["val"]
        for name, trial in found.items()
        if name != "start"
        and trial["val"]["auc"] >= before["auc"] - _AUC
        and trial["val"]["auc_moved"] >= before["auc_moved"] - _AUC_MOVED
    }
    return max(kept, key=lambda name: _worth(kept[name]))


def _worth(figures: Mapping[str, float]) -> float:
    gain = figures["cover_own"] - figures["cover_mean"]
    return figures["follows"] + _COVER * gain
