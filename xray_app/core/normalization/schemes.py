"""Normalization schemes: a contrast step in the display domain, then a scale step.

A scheme starts from the display domain, (H, W) float32 in [0, 1] with 1 full white, and ends with
the array that a model receives, (H, W, 3) float32. The steps are registered in
``core.normalization.contrast`` and ``core.normalization.scale``; a preset is one row of
``PRESETS``. Selectors, the command line, the documentation's table and the contract tests read
these registries.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from xray_app.core.errors import InputError, UnknownChoice
from xray_app.core.normalization.contrast import CONTRASTS, Contrast, adjust_contrast
from xray_app.core.normalization.scale import SCALES, DatasetStatistics, Scale
from xray_app.core.records import FloatArray, ModelInput, read_only


@dataclass(frozen=True, slots=True)
class Scheme:
    """A contrast step followed by a scale step, under the name that people use for the pair."""

    name: str
    label: str
    contrast: Contrast
    scale: Scale

    @property
    def formula(self) -> str:
        r"""LaTeX of the whole scheme; x is the display value in [0, 1], x' after contrast.

        >>> PRESETS["rescale"].formula, PRESETS["signed"].formula
        ('y = x', 'y = 2\\,x - 1')
        """
        if self.contrast.name == "none":
            return self.scale.formula
        after_contrast = self.scale.formula.replace("x", "x'")
        return rf"{self.contrast.formula} \qquad {after_contrast}"

    @property
    def explanation(self) -> str:
        """What the scheme does to the pixels, in one or two sentences."""
        if self.contrast.name == "none":
            return self.scale.explanation
        return f"{self.contrast.explanation} {self.scale.explanation}"

    @property
    def output_range(self) -> str:
        """The widest range of the model input, in words where it depends on the image."""
        return self.scale.output_range

    @property
    def source(self) -> str:
        """Where the definition comes from."""
        return "; ".join(s for s in (self.contrast.source, self.scale.source) if s)


def _scheme(name: str, label: str, contrast: str, scale: str) -> Scheme:
    return Scheme(name, label, CONTRASTS[contrast], SCALES[scale])


PRESETS: dict[str, Scheme] = {
    s.name: s
    for s in (
        _scheme("raw", "Raw bytes, 0 to 255", "none", "byte"),
        _scheme("rescale", "Divide by 255", "none", "unit"),
        _scheme("signed", "Signed, -1 to 1", "none", "signed"),
        _scheme("imagenet", "ImageNet mean and std", "none", "imagenet"),
        _scheme("caffe", "Caffe, BGR minus mean", "none", "caffe"),
        _scheme("dataset", "Training mean and std", "none", "dataset"),
        _scheme("zscore", "Per-image z-score", "none", "zscore"),
        _scheme("minmax", "Min-max, 0 to 1", "minmax", "unit"),
        _scheme("percentile", "Percentile stretch, 0 to 1", "percentile", "unit"),
        _scheme("equalize", "Histogram equalization, 0 to 1", "equalize", "unit"),
        _scheme("clahe", "CLAHE, 0 to 1", "clahe", "unit"),
    )
}


def parse_scheme(name: str) -> Scheme:
    """Return the preset ``name``, or the pair written ``contrast+scale``.

    Raises:
        UnknownChoice: the name is neither; its message names the closest match.

    >>> parse_scheme("clahe+imagenet").label
    'CLAHE + ImageNet mean and std'
    """
    if name in PRESETS:
        return PRESETS[name]
    contrast, plus, scale = name.partition("+")
    if not plus:
        raise UnknownChoice.of("scheme", name, [*PRESETS, "contrast+scale"])
    if contrast not in CONTRASTS:
        raise UnknownChoice.of("contrast step", contrast, CONTRASTS)
    if scale not in SCALES:
        raise UnknownChoice.of("scale step", scale, SCALES)
    label = f"{CONTRASTS[contrast].label} + {SCALES[scale].label}"
    return _scheme(name, label, contrast, scale)


def paired(contrast: str, scale: str) -> Scheme:
    """The preset of these two steps, or the pair itself where nobody gave it a name.

    >>> paired("clahe", "unit").name, paired("clahe", "byte").name
    ('clahe', 'clahe+byte')
    """
    found = (s for s in PRESETS.values() if (s.contrast.name, s.scale.name) == (contrast, scale))
    return next(found, None) or parse_scheme(f"{contrast}+{scale}")


def scheme_grid(
    contrasts: Iterable[str] = tuple(CONTRASTS), scales: Iterable[str] = tuple(SCALES)
) -> tuple[tuple[Scheme, ...], ...]:
    """Every contrast, a row each, at every scale, a column each.

    Raises:
        UnknownChoice: a step that does not exist.

    >>> [[s.name for s in row] for row in scheme_grid(("none", "clahe"), ("byte", "unit"))]
    [['raw', 'rescale'], ['clahe+byte', 'clahe']]
    """
    columns = tuple(scales)
    return tuple(tuple(paired(contrast, scale) for scale in columns) for contrast in contrasts)


def normalize(
    display: FloatArray, scheme: Scheme, statistics: DatasetStatistics | None = None
) -> ModelInput:
    """Turn a radiograph in the display domain into the array that a model receives.

    Args:
        display: (H, W) float32 in [0, 1], never changed.
        scheme: the contrast and scale to apply.
        statistics: the training mean and deviation; needed by the scale step ``dataset`` only.

    Returns:
        ModelInput with (H, W, 3) float32, read-only.

    Raises:
        InputError: the image is empty or not finite, or ``dataset`` has no statistics.

    >>> import numpy as np
    >>> normalize(np.array([[0.0, 1.0]], np.float32), PRESETS["signed"]).array.tolist()
    [[[-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]]]
    """
    return normalize_each(display, [scheme], statistics)[0]


def normalize_each(
    display: FloatArray, schemes: Sequence[Scheme], statistics: DatasetStatistics | None = None
) -> list[ModelInput]:
    """As ``normalize`` under each scheme; each contrast step is computed once.

    >>> import numpy as np
    >>> image = np.array([[0.0, 0.5]], np.float32)
    >>> inputs = normalize_each(image, [PRESETS["minmax"], paired("minmax", "byte")])
    >>> [float(each.array.max()) for each in inputs]
    [1.0, 255.0]
    """
    if display.ndim != 2 or display.size == 0 or not np.isfinite(display).all():
        raise InputError(
            f"Expected a non-empty grayscale image of finite values, received shape "
            f"{display.shape}."
        )
    image = display.astype(np.float32, copy=False)
    contrasted: dict[str, FloatArray] = {}
    for contrast in (scheme.contrast for scheme in schemes):
        if contrast.name not in contrasted:
            contrasted[contrast.name] = adjust_contrast(image, contrast)
    return [_scaled(contrasted[s.contrast.name], s, statistics) for s in schemes]


def _scaled(
    contrasted: FloatArray, scheme: Scheme, statistics: DatasetStatistics | None
) -> ModelInput:
    array = scheme.scale.apply(contrasted, statistics).astype(np.float32, copy=False)
    return ModelInput(read_only(array), scheme.name)
