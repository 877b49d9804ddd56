"""Numbers and fixed sentences, the same on the pages, in the terminal and in the documents."""

import math
from collections.abc import Iterable, Sequence

from xray_app.core.classifier_metrics import Interval
from xray_app.core.normalization.affine import Affine

DISCLAIMER = "For research and teaching only; not a medical device."
UNDEFINED = "undefined"  # a figure of nothing, such as a mean without values


def listed(words: Sequence[str]) -> str:
    """Join words as a sentence does.

    >>> listed(["size", "fit", "kernel"]), listed(["size"])
    ('size, fit and kernel', 'size')
    """
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def figure_text(value: float | None, form: str) -> str:
    """Write a figure in a format such as ".2f" or ".1%"; "undefined" for None and NaN.

    >>> figure_text(0.159, ".1%"), figure_text(None, ".1%")
    ('15.9%', 'undefined')
    """
    return UNDEFINED if value is None or math.isnan(value) else format(value, form)


def interval_text(interval: Interval | None) -> str:
    """Write an interval with three decimals; "undefined" if there is none.

    >>> interval_text(Interval(0.942, 0.921, 0.961))
    '0.942 (0.921 to 0.961)'
    """
    if interval is None or math.isnan(interval.value):
        return UNDEFINED
    return f"{interval.value:.3f} ({interval.low:.3f} to {interval.high:.3f})"


def percent_text(interval: Interval | None) -> str:
    """Write an interval of fractions in [0, 1] as percentages; "undefined" if there is none.

    >>> percent_text(Interval(0.014, 0.003, 0.041))
    '1.4 % (0.3 to 4.1)'
    """
    if interval is None or math.isnan(interval.value):
        return UNDEFINED
    value, low, high = (100.0 * end for end in (interval.value, interval.low, interval.high))
    return f"{value:.1f} % ({low:.1f} to {high:.1f})"


def ends_text(ends: tuple[float, float]) -> str:
    """Write the two ends of a range with four significant digits.

    >>> ends_text((-2.118, 2.249))
    '-2.118 to 2.249'
    """
    return f"{ends[0]:.4g} to {ends[1]:.4g}"


def once_if_equal(channels: list[str]) -> list[str]:
    """Return one text where all channels say the same, else one a channel.

    >>> once_if_equal(["2 x", "2 x", "2 x"])
    ['2 x']
    """
    return channels[:1] if len(set(channels)) == 1 else channels


def channels_text(values: Iterable[float]) -> str:
    """Write one number if all channels agree to four significant digits, else one a channel.

    >>> channels_text([2.0, 2.0, 2.0]), channels_text([2.09, 2.113, 2.108])
    ('2', '2.09 / 2.113 / 2.108')
    """
    return " / ".join(once_if_equal([f"{value:.4g}" for value in values]))


def constants_text(constants: dict[str, tuple[float, ...]]) -> str:
    """Write a layer's numbers, one a channel, by name; an offset of zero is left out.

    >>> constants_text({"gain": (2.0, 2.0), "offset": (0.0, 0.0)})
    'gain 2'
    """
    return ", ".join(
        f"{name} {channels_text(values)}"
        for name, values in constants.items()
        if name != "offset" or any(values)
    )


def affine_text(affine: Affine | None) -> str:
    """Write the line of each channel; None is a layer that rearranges channels.

    >>> affine_text(Affine((4.234,), (-2.041,), 0.0))
    '4.234 x - 2.041'
    """
    if affine is None:
        return "channels rearranged"
    lines = [
        f"{gain:.4g} x" + (f" {'-' if offset < 0.0 else '+'} {abs(offset):.4g}" if offset else "")
        for gain, offset in zip(affine.gain, affine.offset, strict=True)
    ]
    return " / ".join(once_if_equal(lines))
