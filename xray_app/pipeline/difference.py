"""What differs between two pipelines, in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xray_app.cards import ModelCard
from xray_app.core import InputError
from xray_app.core.images import Geometry
from xray_app.core.normalization import DatasetStatistics, Scheme, parse_scheme
from xray_app.core.text import channels_text
from xray_app.pipeline.contracts.cards import card_axes
from xray_app.pipeline.report import PipelineReport
from xray_app.pipeline.steps.contrast import contrast_after
from xray_app.pipeline.steps.description import PipelineDescription
from xray_app.pipeline.steps.placement import UPRIGHT
from xray_app.pipeline.steps.recipe import Recipe
from xray_app.pipeline.steps.sampling import SAMPLINGS
from xray_app.pipeline.steps.scale import Channels, scale_of

_SAME = 2e-3
# An aspect's verb, and what is said where nothing is done.
_VERBS: dict[str, tuple[str, str]] = {
    "layout": ("arranges the axes as", ""),
    "channels": ("feeds", ""),
    "depth": ("has", "the stored values as they are"),
    "orientation": ("lays the image", "as stored"),
    "geometry": ("has the image", ""),
    "kernel": ("resizes", "nothing"),
    "rounding": ("has resized values", "as computed"),
    "contrast": ("applies", "no contrast step"),
    "scale": ("gives", ""),
    "storage": ("has the tensor", "as computed"),
}
_OF_A_SCHEME = ("contrast", "scale")


@dataclass(frozen=True, slots=True)
class PipelineDifference:
    """What one pipeline does otherwise than another.

    Attributes:
        aspects: the aspects that differ, keys of ``PipelineDescription.aspects``.
        sentences: one for each, then one on the values.
        gain, offset: second = gain * first + offset, one a channel of the second; empty where no
            such line holds, since contrast or z-score differ.
        first, second: what was compared; None where the second is not explained.
    """

    aspects: tuple[str, ...]
    sentences: tuple[str, ...]
    gain: Channels = ()
    offset: Channels = ()
    first: PipelineDescription | None = None
    second: PipelineDescription | None = None

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not self.aspects

    @property
    def text(self) -> str:
        """All sentences."""
        return " ".join(self.sentences)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "same": self.is_same,
            "aspects": list(self.aspects),
            "sentences": list(self.sentences),
            "gain": list(self.gain) or None,
            "offset": list(self.offset) or None,
        }


def compare_descriptions(
    first: PipelineDescription,
    second: PipelineDescription,
    names: tuple[str, str] = ("training", "serving"),
) -> PipelineDifference:
    """Say what the second pipeline does otherwise than the first.

    Args:
        first: what should be.
        second: what is.
        names: what to call them within a sentence.
    """
    return _compared(first, second, names, tuple(_VERBS))


def difference_from(
    report: PipelineReport,
    expected: PipelineReport | PipelineDescription | Scheme | ModelCard | str,
    names: tuple[str, str] = ("", ""),
    statistics: DatasetStatistics | None = None,
) -> PipelineDifference:
    """Say what a described pipeline does otherwise than it should.

    Where other steps fit the tensor as well, those that differ least are taken.

    Args:
        report: of ``describe_pipeline``.
        expected: another report or description; a scheme or its name, of which contrast and scale
            are compared; or a model's card, of which geometry is compared, too.
        names: what to call the expected and the described one; by default what they are.
        statistics: mean and deviation of the scale step ``dataset``; a card has its own.

    Raises:
        InputError: ``expected`` is a report that explains nothing, or needs statistics.
    """
    if report.description is None:
        return PipelineDifference(("explanation",), (report.text,))
    own = (report.description, *report.alternatives)
    compared = []
    for each in own:
        wanted, aspects, name = _expected(expected, each, report, statistics)
        called = names[0] or name, names[1] or "this pipeline"
        compared += [_compared(option, each, called, aspects) for option in wanted]
    return min(compared, key=lambda difference: len(difference.aspects))


def _expected(
    expected: PipelineReport | PipelineDescription | Scheme | ModelCard | str,
    own: PipelineDescription,
    report: PipelineReport,
    statistics: DatasetStatistics | None,
) -> tuple[tuple[PipelineDescription, ...], tuple[str, ...], str]:
    """Descriptions of what should be, the aspects to compare, and what to call it."""
    if isinstance(expected, str):
        expected = parse_scheme(expected)
    if isinstance(expected, PipelineReport):
        if expected.description is None:
            raise InputError(f"The expected pipeline is not explained: {expected.text}")
        every = (expected.description, *expected.alternatives)
        return every, tuple(_VERBS), "the other pipeline"
    if isinstance(expected, PipelineDescription):
        return (expected,), tuple(_VERBS), "the other pipeline"
    if isinstance(expected, Scheme):
        wanted = _with_scheme(own, expected, statistics)
        return (wanted,), _OF_A_SCHEME, f"the scheme {expected.name}"
    wanted = _as_trained(own, expected, report.image_shape)
    return (wanted,), tuple(_VERBS), f"the contract of {expected.name}"


def _with_scheme(
    own: PipelineDescription, scheme: Scheme, statistics: DatasetStatistics | None
) -> PipelineDescription:
    contrast = contrast_after(scheme.contrast.name)
    scale = scale_of(scheme.scale.name, len(own.planes), statistics)
    return replace(own, recipe=replace(own.recipe, contrast=contrast), scale=scale)


def _as_trained(
    own: PipelineDescription, card: ModelCard, shape: tuple[int, int]
) -> PipelineDescription:
    """What a card's contract does to an image of this shape."""
    geometry = card.input.geometry
    plane = own.planes[0] if own.channels in ("single", "repeated") else "luma"
    channels, layout = card_axes(card)
    layout = own.layout if own.layout.endswith(layout.removeprefix("N")) else layout
    recipe = Recipe(plane, "", UPRIGHT, geometry.placement(*shape), sampling_of(geometry))
    bare = replace(
        own, layout=layout, planes=(plane,) * channels, storage="", padded_with=(),
        recipe=replace(recipe, padding=geometry.pad_value),
    )  # fmt: skip
    return _with_scheme(bare, parse_scheme(card.contract.scheme), card.contract.statistics)


def sampling_of(geometry: Geometry) -> str:
    """The key of ``SAMPLINGS`` that a geometry's kernel has.

    >>> sampling_of(Geometry(224, 224))
    'bilinear-antialiased'
    """
    widened = f"{geometry.kernel}-antialiased"
    return widened if geometry.antialias and widened in SAMPLINGS else geometry.kernel


def _compared(
    first: PipelineDescription,
    second: PipelineDescription,
    names: tuple[str, str],
    aspects: tuple[str, ...],
) -> PipelineDifference:
    mine, its = first.aspects, second.aspects
    different = tuple(each for each in aspects if _differs(each, first, second))
    sentences = [
        _sentence(each, mine[each], its[each], names) for each in different if each != "scale"
    ]
    line = _line(first, second)
    if line is None:
        if "scale" in different:
            sentences.append(_sentence("scale", mine["scale"], its["scale"], names))
        said = tuple(sentences) or (_SAME_TEXT,)
        return PipelineDifference(different, said, first=first, second=second)
    sentences += _values(mine["scale"], its["scale"], *line, names)
    return PipelineDifference(different, tuple(sentences), *line, first, second)


_SAME_TEXT = "Nothing differs."


def _differs(aspect: str, first: PipelineDescription, second: PipelineDescription) -> bool:
    a, b = first.recipe, second.recipe
    if aspect == "geometry":
        padding = (a.padding, first.padded_with) != (b.padding, second.padded_with)
        return a.placement.pixels != b.placement.pixels or (a.placement.is_padded and padding)
    if aspect == "kernel" and not (a.placement.is_resized and b.placement.is_resized):
        return False
    if aspect == "scale":
        line = _line(first, second)
        return first.aspects["scale"] != second.aspects["scale"] if line is None else _moves(*line)
    return first.aspects[aspect] != second.aspects[aspect]


def _moves(gain: Channels, offset: Channels) -> bool:
    return bool(np.abs(np.array(gain) - 1.0).max() > _SAME or np.abs(offset).max() > _SAME)


def _line(
    first: PipelineDescription, second: PipelineDescription
) -> tuple[Channels, Channels] | None:
    """Second = gain * first + offset, where contrast is the same and both scales are lines."""
    same_contrast = first.recipe.contrast == second.recipe.contrast
    if not same_contrast or first.scale.is_per_image or second.scale.is_per_image:
        return None
    gains, offsets = [], []
    for channel, plane in enumerate(second.planes):
        other = first.planes.index(plane) if plane in first.planes else channel
        if len(set(first.planes)) == 1:
            other = min(channel, len(first.planes) - 1)
        gain = second.scale.gain[channel] / (first.scale.gain[other] or 1.0)
        gains.append(gain)
        offsets.append(second.scale.offset[channel] - gain * first.scale.offset[other])
    return tuple(map(float, gains)), tuple(map(float, offsets))


def _sentence(aspect: str, mine: str, its: str, names: tuple[str, str]) -> str:
    verb, nothing = _VERBS[aspect]
    said = its or nothing
    comma = "," if "," in said else ""
    return f"{_capital(names[1])} {verb} {said}{comma} where {names[0]} {verb} {mine or nothing}."


def _values(
    mine: str, its: str, gain: Channels, offset: Channels, names: tuple[str, str]
) -> Iterator[str]:
    figures = f"gain {_figures(gain, '.3f')}, offset {_figures(offset, '.1f')}"
    if not _moves(gain, offset):
        yield f"Values agree ({figures})."
        return
    factor = f"gain {channels_text(gain)}, offset {channels_text(offset)}"
    yield (
        f"{_capital(names[1])} gives {its} where {names[0]} gives {mine}: values differ ({factor})."
    )
    for divisor in (255.0, 1.0 / 255.0):
        if np.allclose(np.array(gain) * divisor, 1.0, rtol=_SAME):
            word = "divided" if divisor > 1.0 else "multiplied"
            yield f"Contrast is {word} by 255."


def _figures(values: Channels, form: str) -> str:
    """Each value; "-0.0" reads as if there were something."""
    texts = [format(round(value, 9) + 0.0, form).replace("-0.0", "0.0") for value in values]
    return " / ".join(dict.fromkeys(texts))


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
