from .catalogue import (
    CARD_FILE,
    default_model,
    find_card,
    list_models,
    models_of_others,
    open_engine,
    verified_gate,
    verified_weights,
)
from .child_call import call_in_child
from .facts import PROBE_VALUES, STORED, LayerFacts, ModelFacts, Quantization
from .onnx import LungNetwork, lung_network
from .protocol import Engine, Forward, LayerGradients, LayerOutput

__all__ = [
    "CARD_FILE",
    "PROBE_VALUES",
    "STORED",
    "Engine",
    "Forward",
    "LayerFacts",
    "LayerGradients",
    "LayerOutput",
    "LungNetwork",
    "ModelFacts",
    "Quantization",
    "call_in_child",
    "default_model",
    "find_card",
    "list_models",
    "lung_network",
    "models_of_others",
    "open_engine",
    "verified_gate",
    "verified_weights",
]
