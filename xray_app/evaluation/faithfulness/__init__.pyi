from .baselines import BASELINES
from .cascading_randomization import measure_randomization
from .curves import order_of
from .deletion import measure_faithfulness
from .maps import maps_of
from .placement import measure_placement
from .record import (
    blob_sentence,
    faithfulness_rows,
    faithfulness_to_dict,
    label_of,
    outside_text,
    reservation,
)
from .stability import measure_stability

__all__ = [
    "BASELINES",
    "blob_sentence",
    "faithfulness_rows",
    "faithfulness_to_dict",
    "label_of",
    "maps_of",
    "measure_faithfulness",
    "measure_placement",
    "measure_randomization",
    "measure_stability",
    "order_of",
    "outside_text",
    "reservation",
]
