from .engine import OnnxEngine
from .export import export_graph
from .lung_network import LungNetwork, lung_network
from .providers import has_gpu_runtime

__all__ = [
    "LungNetwork",
    "OnnxEngine",
    "export_graph",
    "has_gpu_runtime",
    "lung_network",
]
