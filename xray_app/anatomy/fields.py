"""How much of a map's positive evidence lies in the lungs, by lung and field.

A field is a third of a lung's height: upper, middle, lower. Each cell's evidence is spread evenly
over its area (the energy-based pointing game of Wang et al. 2020, Score-CAM, section 4.2).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from xray_app.anatomy.lungs import Lungs
from xray_app.core import Saliency, Values
from xray_app.explain import Mask, cell_overlap

_THIRDS = ("upper", "middle", "lower")
FIELDS: tuple[str, ...] = tuple(
    f"{side} {third}" for side in ("right", "left") for third in _THIRDS
)


@dataclass(frozen=True, slots=True)
class FieldEvidence:
    """One field: its fraction of all positive evidence, and of the image's area, in [0, 1]."""

    evidence: float
    area: float


@dataclass(frozen=True, slots=True)
class LungEvidence:
    """Where the positive evidence lies.

    Attributes:
        lungs: in both lungs together.
        fields: by name of ``FIELDS``.
    """

    lungs: FieldEvidence
    fields: dict[str, FieldEvidence]

    @property
    def densest(self) -> str:
        """The field that holds most of the evidence."""
        return max(self.fields, key=lambda name: self.fields[name].evidence)

    def of(self, side: str) -> FieldEvidence:
        """One lung, "right" or "left"."""
        parts = [field for name, field in self.fields.items() if name.startswith(side)]
        return FieldEvidence(sum(p.evidence for p in parts), sum(p.area for p in parts))


def evidence_in(saliency: Saliency, lungs: Lungs) -> LungEvidence | None:
    """Measure it; None for an empty map.

    Args:
        saliency: a map of any size.
        lungs: of the image that the model was fed, of any size.

    >>> import numpy as np
    >>> right, left = np.zeros((6, 4), bool), np.zeros((6, 4), bool)
    >>> right[:, 0] = left[:, 3] = True
    >>> saliency = Saliency("gradcam", "last", "normal", np.float32([[0, 0], [3, 1]]), 3.0, "")
    >>> found = evidence_in(saliency, Lungs(right, left))
    >>> found.densest, found.lungs
    ('right lower', FieldEvidence(evidence=0.5, area=0.5))
    """
    if saliency.is_empty:
        return None
    evidence = _spread(np.maximum(saliency.map, 0.0).astype(np.float64), lungs.right.shape)
    fields = {}
    for side, lung in (("right", lungs.right), ("left", lungs.left)):
        for name, third in zip(_THIRDS, _thirds(lung), strict=True):
            fields[f"{side} {name}"] = _of(evidence, third)
    return LungEvidence(_of(evidence, lungs.both), fields)


def _of(evidence: Values, where: Mask) -> FieldEvidence:
    return FieldEvidence(float(evidence[where].sum()), float(where.mean()))


def _spread(cells: Values, shape: tuple[int, ...]) -> Values:
    """Each cell's fraction of all evidence over the pixels that it covers, partly or whole."""
    rows, columns = (cell_overlap(n, wanted) for n, wanted in zip(cells.shape, shape, strict=True))
    found: Values = rows.T @ (cells / cells.sum()) @ columns
    return found


def _thirds(lung: Mask) -> list[Mask]:
    rows = np.nonzero(lung.any(axis=1))[0]
    ends = np.linspace(rows[0], rows[-1] + 1, 4).round().astype(int)
    places = np.arange(lung.shape[0])[:, np.newaxis]
    return [lung & (places >= start) & (places < end) for start, end in pairwise(ends)]
