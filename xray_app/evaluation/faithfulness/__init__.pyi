from .cascading_randomization import measure_randomization
from .deletion import measure_faithfulness
from .document import faithfulness_markdown
from .record import blob_sentence, faithfulness_rows, faithfulness_to_dict, reservation
from .shortcuts import measure_shortcuts
from .stability import measure_stability

__all__ = [
    "blob_sentence",
    "faithfulness_markdown",
    "faithfulness_rows",
    "faithfulness_to_dict",
    "measure_faithfulness",
    "measure_randomization",
    "measure_shortcuts",
    "measure_stability",
    "reservation",
]
