from .command import run_gate
from .figures import gate_rows
from .report import REAL_IMAGES

__all__ = [
    "REAL_IMAGES",
    "gate_rows",
    "run_gate",
]
