"""Two lungs, or the reason why none are drawn: a mask that looks like no lungs is worse than none.

Right and left are the patient's: the right lung is on the left of the image.
"""

from dataclasses import dataclass

import numpy as np

from xray_app.cards import ModelCard, Plausible
from xray_app.core import FloatArray
from xray_app.engines import lung_network
from xray_app.explain import Mask

_SURE = 0.8
_CRUMB = 0.005  # fractions of the image; a smaller part is no lung


@dataclass(frozen=True, slots=True, eq=False)
class Lungs:
    """Both lungs, each (H, W) bool."""

    right: Mask
    left: Mask

    @property
    def both(self) -> Mask:
        """(H, W) bool, of either."""
        return self.right | self.left


@dataclass(frozen=True, slots=True, eq=False)
class LungsFound:
    """The lungs, or None and a sentence why they are not drawn; "" where nothing can draw them."""

    lungs: Lungs | None
    doubt: str = ""


def draw_lungs(card: ModelCard, display: FloatArray) -> LungsFound:
    """Draw the lungs as the masks of the model's population do.

    Args:
        card: of a model; its ``lungs`` says how.
        display: (H, W) float32 in [0, 1], the radiograph.

    Raises:
        CardError, WeightsError, EngineError: the network is damaged or failed.
    """
    network = lung_network()
    if network is None or card.lungs is None:
        return LungsFound(None)
    probabilities = network.probabilities(display, card.lungs)
    return lungs_from(probabilities, network.record.plausible[card.lungs])


def lungs_from(probabilities: FloatArray, plausible: Plausible) -> LungsFound:
    """Take two lungs out of what a network says of each pixel, if they look like lungs.

    Args:
        probabilities: (H, W) float32 in [0, 1].
        plausible: bounds of what lungs look like.

    >>> import numpy as np
    >>> bounds = Plausible(area=(0.05, 0.3), ratio=0.4, centre_rows=(0.3, 0.7), unsure=0.3)
    >>> image = np.zeros((20, 20), np.float32)
    >>> image[4:16, 3:8] = image[4:16, 12:17] = 1.0
    >>> lungs_from(image, bounds).lungs.right[:, :10].sum()
    np.int64(60)
    >>> lungs_from(image * 0, bounds).doubt
    'Lungs are not drawn: no two lungs were found.'
    """
    parts = _parts(probabilities >= 0.5)
    if len(parts) < 2:
        return _doubt("no two lungs were found")
    right, left = sorted(parts[:2], key=lambda part: float(np.nonzero(part)[1].mean()))
    said = _implausible(right, left, plausible) or _unsure(probabilities, right | left, plausible)
    return _doubt(said) if said else LungsFound(Lungs(right, left))


def _doubt(why: str) -> LungsFound:
    return LungsFound(None, f"Lungs are not drawn: {why}.")


def _parts(mask: Mask) -> list[Mask]:
    """Connected parts of some size, the largest first, without their holes.

    Where lungs touch behind the heart, they are parted at the narrowest column near the middle.
    """
    from scipy import ndimage

    labels, count = ndimage.label(mask)
    sizes = np.bincount(labels.ravel())[1:]
    order = [n for n in np.argsort(-sizes, kind="stable") if sizes[n] >= _CRUMB * mask.size]
    if len(order) == 1 and count:
        labels = _parted(labels == 1 + order[0])
        order = [0, 1] if labels is not None else []
    return [ndimage.binary_fill_holes(labels == 1 + n) for n in order]


def _parted(mask: Mask) -> np.ndarray | None:
    """1 on the left and 2 on the right of the narrowest column; None if it isn't two lungs."""
    columns = mask.sum(axis=0)
    taken = np.nonzero(columns)[0]
    third = (taken[-1] - taken[0]) // 3
    middle = np.arange(taken[0] + third, taken[-1] - third + 1)
    cut = int(middle[columns[middle].argmin()])
    if columns[cut] > columns.max() / 2:  # one lump
        return None
    sides = np.where(np.arange(mask.shape[1]) < cut, 1, 2)
    return np.where(mask, sides, 0)


def _implausible(right: Mask, left: Mask, plausible: Plausible) -> str:
    areas = {name: float(lung.mean()) for name, lung in (("right", right), ("left", left))}
    low, high = plausible.area
    for name, area in areas.items():
        if not low <= area <= high:
            size = "small" if area < low else "large"
            return f"the {name} lung would be too {size} ({area:.0%} of the image)"
    if min(areas.values()) < plausible.ratio * max(areas.values()):
        smaller = min(areas, key=areas.__getitem__)
        return f"the {smaller} lung would be much smaller than the other"
    low, high = plausible.centre_rows
    for name, lung in (("right", right), ("left", left)):
        row = float(np.nonzero(lung)[0].mean()) / lung.shape[0]
        if not low <= row <= high:
            return f"the {name} lung would lie too {'high' if row < low else 'low'}"
    return ""


def _unsure(probabilities: FloatArray, lungs: Mask, plausible: Plausible) -> str:
    between = (probabilities > 1.0 - _SURE) & (probabilities < _SURE)
    fraction = float(between.sum()) / float(lungs.sum())
    if fraction <= plausible.unsure:
        return ""
    return f"the network is unsure of {fraction:.0%} of their area"
