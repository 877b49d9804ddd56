from .names import distinct_names
from .tables import Rows, cells, markdown_table, plain_table
from .words import (
    DISCLAIMER,
    UNDEFINED,
    affine_text,
    channels_text,
    constants_text,
    ends_text,
    figure_text,
    interval_text,
    listed,
    once_if_equal,
    percent_text,
)

__all__ = [
    "DISCLAIMER",
    "UNDEFINED",
    "Rows",
    "affine_text",
    "cells",
    "channels_text",
    "constants_text",
    "distinct_names",
    "ends_text",
    "figure_text",
    "interval_text",
    "listed",
    "markdown_table",
    "once_if_equal",
    "percent_text",
    "plain_table",
]
