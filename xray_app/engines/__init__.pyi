from .catalogue import (
    CARD_FILE,
    default_model,
    find_card,
    list_models,
    open_engine,
    verified_gate,
    verified_weights,
)
from .child_call import call_in_child
from .protocol import Engine, Forward, LayerGradients, LayerOutput

__all__ = [
    "CARD_FILE",
    "Engine",
    "Forward",
    "LayerGradients",
    "LayerOutput",
    "call_in_child",
    "default_model",
    "find_card",
    "list_models",
    "open_engine",
    "verified_gate",
    "verified_weights",
]
