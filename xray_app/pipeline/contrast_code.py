"""The code of a contrast step."""

from xray_app.pipeline.steps.contrast import ContrastStep

_DEEP = 65535.0
_CONTRASTS = {
    "minmax": "x = (x - x.min()) / (x.max() - x.min())",
    "max": "x = x / x.max()",
    "percentile": "low, high = np.percentile(x, ({}, {}))\n"
    "    x = np.clip((x - low) / (high - low), 0, 1)",
    "window": "x = np.clip((x - {0}) / ({1} - {0}), 0, 1)",
    "gamma": "x = np.clip(x, 0, 1) ** {}",
    "equalize": "x = exposure.equalize_hist(x)",
    "equalize-levels": "x = exposure.equalize_hist(np.rint(x * 255).astype(np.uint8))",
    "equalize-opencv": "x = cv2.equalizeHist(np.rint(x * 255).astype(np.uint8)) / 255",
    "equalize-pillow": "x = np.rint(x * 255).astype(np.uint8)\n"
    "    x = np.asarray(ImageOps.equalize(Image.fromarray(x))) / 255",
    "clahe-opencv": "x = np.rint(np.clip(x, 0, 1) * 255).astype(np.uint8)\n"
    "    x = cv2.createCLAHE({0}, ({1}, {1})).apply(x) / 255",
    "clahe": "x = exposure.equalize_adapthist(np.clip(x, 0, 1), clip_limit=0.01)",
}
# Of all levels of 16 bits, which OpenCV's and Pillow's own functions don't take.
_LEVELS = (
    "x = np.rint(x * 65535).astype(np.uint16)\n"
    "    counts = np.bincount(x.ravel(), minlength=65536)\n"
)
_OF_SIXTEEN_BITS = {
    "equalize-levels": "x = exposure.equalize_hist(np.rint(x * 65535).astype(np.uint16))",
    "equalize-opencv": _LEVELS + "    above = np.maximum(counts.cumsum() - counts[x.min()], 0)\n"
    "    x = np.rint(above * (65535 / above[-1]))[x] / 65535",
    "equalize-pillow": _LEVELS + "    step = (x.size - counts[x.max()]) // 65535\n"
    "    places = (counts.cumsum() - counts + step // 2) // step\n"
    "    x = np.minimum(places, 65535)[x] / 65535",
}


def contrast_code(step: ContrastStep, white: float = 255.0) -> str:
    """A contrast step on the array ``x`` of one plane in [0, 1].

    Args:
        step: any but "none".
        white: the stored value that became 1, where nothing has been resized in between.

    Returns:
        Lines; all but the first are indented as in a function.
    """
    of_levels = _OF_SIXTEEN_BITS if white == _DEEP else {}
    code = of_levels.get(step.name, _CONTRASTS[step.name])
    return code.format(*(f"{number:g}" for number in step.numbers))
