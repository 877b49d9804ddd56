from .command import DEFAULT_LAYERS, run_gate
from .figures import gate_rows, left_out_sentence
from .report import REAL_IMAGES

__all__ = [
    "DEFAULT_LAYERS",
    "REAL_IMAGES",
    "gate_rows",
    "left_out_sentence",
    "run_gate",
]
