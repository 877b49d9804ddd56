"""Figures in words: what is defined keeps its digits, what is not is said to be undefined."""

import math

import pytest

from xray_app.core.classifier_metrics import Interval
from xray_app.core.text.words import figure_text, interval_text, percent_text

NAN = math.nan


@pytest.mark.parametrize("value", [None, NAN])
def test_a_figure_that_does_not_exist_is_undefined(value: float | None) -> None:
    assert figure_text(value, ".1%") == "undefined"


@pytest.mark.parametrize("interval", [None, Interval(NAN, NAN, NAN)])
def test_so_is_an_interval(interval: Interval | None) -> None:
    assert interval_text(interval) == "undefined"
    assert percent_text(interval) == "undefined"


def test_zero_is_a_figure() -> None:
    assert figure_text(0.0, ".1%") == "0.0%"
    assert interval_text(Interval(0.0, 0.0, 0.0)) == "0.000 (0.000 to 0.000)"
    assert percent_text(Interval(0.0, 0.0, 0.0)) == "0.0 % (0.0 to 0.0)"
