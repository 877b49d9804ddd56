from .arrays import Flags, Labels, Values
from .calibration import (
    ReliabilityBin,
    brier_score,
    calibration_error,
    chance_band,
    reliability,
)
from .discrimination import area_under_curve, fraction, predictive_values, roc_points
from .intervals import (
    Interval,
    fraction_interval,
    interval,
    interval_of_fraction,
    mean_interval,
    once,
    resample_groups,
    unanimous_interval,
    wilson_interval,
)

__all__ = [
    "Flags",
    "Interval",
    "Labels",
    "ReliabilityBin",
    "Values",
    "area_under_curve",
    "brier_score",
    "calibration_error",
    "chance_band",
    "fraction",
    "fraction_interval",
    "interval",
    "interval_of_fraction",
    "mean_interval",
    "once",
    "predictive_values",
    "reliability",
    "resample_groups",
    "roc_points",
    "unanimous_interval",
    "wilson_interval",
]
