"""Contrast steps whose numbers have to be searched for: windows and gamma."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Protocol, TypeVar

import numpy as np

from xray_app.pipeline.search.fitting import Values, fit_line
from xray_app.pipeline.steps.contrast import ContrastStep
from xray_app.pipeline.steps.recipe import Recipe

Value = TypeVar("Value")
_GOLDEN = (5.0**0.5 - 1.0) / 2.0
_EXPONENTS = (0.2, 5.0)
_HOPELESS = 0.7  # times what no window leaves: the window explains nothing
_AS_GOOD, _ROUNDING = 1.002, 1e-7


class Bench(Protocol):
    """Where recipes are tried on a band of the tensor."""

    def glimpse(self, recipe: Recipe) -> float:
        """What a recipe leaves there."""

    def in_sample(self, recipe: Recipe) -> tuple[Values, Values]:
        """The recipe's values and the tensor's in rows all over it."""

    def ends(self, recipe: Recipe) -> tuple[float, float]:
        """Lowest and highest value of the tensor where it shows the image."""

    def leaves(self, recipe: Recipe) -> float:
        """What a recipe leaves in those rows."""


def refined_curves(bench: Bench, recipe: Recipe) -> Iterator[Recipe]:
    """The recipe with the window and the gamma that fit best, after and before resizing.

    Args:
        bench: to try them on.
        recipe: without a contrast step.
    """
    for when in ("after", "before"):
        yield from _windowed(bench, recipe, when)
        yield _with_gamma(bench, recipe, when)


def _with_gamma(bench: Bench, recipe: Recipe, when: str) -> Recipe:
    low, high = _EXPONENTS

    def stepped(exponent: float) -> Recipe:
        return replace(recipe, contrast=ContrastStep("gamma", (round(exponent, 5),), when))

    def left(logarithm: float) -> float:
        return bench.glimpse(stepped(float(np.exp(logarithm))))

    exponent = float(np.exp(_lowest(left, float(np.log(low)), float(np.log(high)), 22)))
    usual = [round(exponent, 1), round(exponent, 2), 1.0 / round(1.0 / exponent, 1), exponent]
    return stepped(_plainest(usual, lambda e: bench.leaves(stepped(e))))


def _lowest(function: Callable[[float], float], low: float, high: float, steps: int) -> float:
    """Golden-section search for the argument of the least value."""
    a, b = low, high
    c, d = b - _GOLDEN * (b - a), a + _GOLDEN * (b - a)
    at_c, at_d = function(c), function(d)
    for _ in range(steps):
        if at_c < at_d:
            b, d, at_d = d, c, at_c
            c = b - _GOLDEN * (b - a)
            at_c = function(c)
        else:
            a, c, at_c = c, d, at_d
            d = a + _GOLDEN * (b - a)
            at_d = function(d)
    return (a + b) / 2.0


def _windowed(bench: Bench, recipe: Recipe, when: str) -> Iterator[Recipe]:
    """Between its ends the tensor is a line of the plane; the ends lie where that line meets."""
    ends = _ends(*bench.in_sample(recipe), *bench.ends(recipe))
    if ends is None:
        return

    def stepped(low: float, high: float) -> Recipe:
        return replace(recipe, contrast=ContrastStep("window", (_tidy(low), _tidy(high)), when))

    low, high = ends
    if when == "before":
        for reach in (0.05, 0.01):
            wide = reach * (high - low)
            low = _lowest(lambda x: bench.glimpse(stepped(x, high)), low - wide, low + wide, 9)  # noqa: B023
            high = _lowest(lambda x: bench.glimpse(stepped(low, x)), high - wide, high + wide, 9)  # noqa: B023
    if bench.leaves(stepped(low, high)) > _HOPELESS * bench.leaves(recipe):
        low, high = ends
        if bench.leaves(stepped(low, high)) > _HOPELESS * bench.leaves(recipe):
            return
    lows = (0.0, round(low, 2), round(ends[0], 2), round(low * 255.0) / 255.0, ends[0], low)
    highs = (1.0, round(high, 2), round(ends[1], 2), round(high * 255.0) / 255.0, ends[1], high)
    pairs = [
        pair for pair in product(dict.fromkeys(lows), dict.fromkeys(highs)) if pair[0] < pair[1]
    ]
    yield stepped(*_plainest(pairs, lambda pair: bench.leaves(stepped(*pair))))


def _plainest(values: Sequence[Value], left: Callable[[Value], float]) -> Value:
    """The first of the values that is as good as the best of them."""
    least = {value: left(value) for value in values}
    enough = _AS_GOOD * min(least.values()) + _ROUNDING
    return next(value for value in values if least[value] <= enough)


def _ends(x: Values, y: Values, low: float, high: float) -> tuple[float, float] | None:
    margin = 0.02 * (high - low)
    middle = (y > low + margin) & (y < high - margin)
    for _ in range(6):
        if middle.sum() < 20 or np.ptp(x[middle]) == 0.0:
            return None
        line = fit_line(x[middle], y[middle])
        apart = np.abs(line.gain * x + line.offset - y)
        middle &= apart <= max(2.5 * float(np.median(apart[middle])), 1e-6 * (high - low))
    if line.gain == 0.0:
        return None
    found = sorted(float((end - line.offset) / line.gain) for end in (low, high))
    return _tidy(found[0]), _tidy(found[1])


def _tidy(value: float) -> float:
    return round(value, 6)
