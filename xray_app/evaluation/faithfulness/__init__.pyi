from .baselines import BASELINES
from .cascading_randomization import measure_randomization
from .deletion import measure_faithfulness
from .record import (
    blob_sentence,
    faithfulness_rows,
    faithfulness_to_dict,
    label_of,
    outside_text,
    reservation,
)
from .shortcuts import measure_shortcuts
from .stability import measure_stability

__all__ = [
    "BASELINES",
    "blob_sentence",
    "faithfulness_rows",
    "faithfulness_to_dict",
    "label_of",
    "measure_faithfulness",
    "measure_randomization",
    "measure_shortcuts",
    "measure_stability",
    "outside_text",
    "reservation",
]
