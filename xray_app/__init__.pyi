from . import testing
from .library import (
    Comparison,
    Contract,
    Explanation,
    Model,
    ModelComparison,
    Pipeline,
    PipelineCheck,
    PipelineComparison,
    Prediction,
    Radiograph,
    compare_pipelines,
    describe_pipeline,
    normalize,
    open_model,
    read,
)

__version__: str

__all__ = [
    "Comparison",
    "Contract",
    "Explanation",
    "Model",
    "ModelComparison",
    "Pipeline",
    "PipelineCheck",
    "PipelineComparison",
    "Prediction",
    "Radiograph",
    "compare_pipelines",
    "describe_pipeline",
    "normalize",
    "open_model",
    "read",
    "testing",
]
