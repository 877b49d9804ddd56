from .command import run_gate
from .document import gate_rows

__all__ = [
    "gate_rows",
    "run_gate",
]
