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
from .onnx import LungNetwork, lung_network
from .protocol import Engine, Forward, LayerGradients, LayerOutput

__all__ = [
    "CARD_FILE",
    "Engine",
    "Forward",
    "LayerGradients",
    "LayerOutput",
    "LungNetwork",
    "call_in_child",
    "default_model",
    "find_card",
    "list_models",
    "lung_network",
    "open_engine",
    "verified_gate",
    "verified_weights",
]
