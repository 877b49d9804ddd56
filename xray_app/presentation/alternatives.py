"""What a picture shows, in words with figures: for who can't see it."""

from xray_app.anatomy import Lungs, LungsFound, evidence_in
from xray_app.core import Histogram, Saliency
from xray_app.core.images import quantile
from xray_app.explain import NO_MAP, densest_ninth


def where_sentence(saliency: Saliency, lungs: Lungs | None = None) -> str:
    """Say how much of the evidence lies in the lungs, or in which ninth of the picture most does.

    Args:
        saliency: a map.
        lungs: where they are in the image that the model was fed, if they could be drawn.

    >>> import numpy as np
    >>> heat = np.zeros((3, 3), np.float32)
    >>> heat[2] = 1.0, 0.0, 3.0
    >>> where_sentence(Saliency("gradcam", "last", "virus", heat, 3.0, "logit"))
    'Of the positive evidence 75 % lies in the lower right ninth of the picture.'
    """
    if saliency.method == NO_MAP:
        return "No heatmap was made."
    found = densest_ninth(saliency)
    if found is None and not saliency.is_empty:
        return "Nothing speaks for the first class rather than the second."
    if found is None:
        return "There is no positive evidence anywhere."
    if lungs is not None:
        return lungs_sentence(saliency, lungs)
    name, fraction = found
    against = "" if saliency.against is None else " for the first class rather than the second"
    share = f"{100 * fraction:.0f} %"
    return f"Of the positive evidence{against} {share} lies in the {name} ninth of the picture."


def lungs_sentence(saliency: Saliency, lungs: Lungs) -> str:
    """Say how much of the positive evidence lies in the lungs, against how large they are.

    >>> import numpy as np
    >>> right, left = np.zeros((6, 4), bool), np.zeros((6, 4), bool)
    >>> right[:, 0] = left[:, 3] = True
    >>> saliency = Saliency("gradcam", "last", "virus", np.float32([[0, 0], [3, 1]]), 3.0, "")
    >>> lungs_sentence(saliency, Lungs(right, left))
    'Of the positive evidence 50 % lies in the lungs, which take 50 % of the image; most in the \
right lower field, 25 %.'
    """
    found = evidence_in(saliency, lungs)
    if found is None:
        return "There is no positive evidence anywhere."
    against = "" if saliency.against is None else " for the first class rather than the second"
    most = found.fields[found.densest].evidence
    return (
        f"Of the positive evidence{against} {100 * found.lungs.evidence:.0f} % lies in the lungs, "
        f"which take {100 * found.lungs.area:.0f} % of the image; most in the {found.densest} "
        f"field, {100 * most:.0f} %."
    )


def lungs_note(saliency: Saliency, found: LungsFound) -> str | None:
    """What is said of the lungs beside a map; None where nothing draws them, or it is empty."""
    if saliency.is_empty:
        return None
    return lungs_sentence(saliency, found.lungs) if found.lungs else found.doubt or None


def spread_sentence(channels: tuple[Histogram, ...], trained: Histogram | None = None) -> str:
    """Say between which values the middle half of the pixels lies, a channel and as trained.

    >>> import numpy as np
    >>> from xray_app.core.images import histogram
    >>> spread_sentence((histogram(np.arange(100, dtype=np.uint8)),))
    'Half of the pixels lie between 24.5 and 74.5.'
    """
    spans = [_middle_half(channel) for channel in channels]
    if len(spans) == 1:
        said = f"Half of the pixels lie between {spans[0]}"
    else:
        listed = "; ".join(f"{span} in channel {i}" for i, span in enumerate(spans, 1))
        said = f"Half of the pixels lie between {listed}"
    return f"{said}; as trained between {_middle_half(trained)}." if trained else f"{said}."


def _middle_half(values: Histogram) -> str:
    return f"{quantile(values, 0.25):.4g} and {quantile(values, 0.75):.4g}"
