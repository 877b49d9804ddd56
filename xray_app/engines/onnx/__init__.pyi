from .engine import OnnxEngine
from .export import export_graph
from .providers import has_gpu_runtime

__all__ = [
    "OnnxEngine",
    "export_graph",
    "has_gpu_runtime",
]
