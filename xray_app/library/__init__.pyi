from .contracts import Contract
from .models import Model, open_model
from .pipeline_check import PipelineCheck
from .pipeline_comparison import PipelineComparison, compare_pipelines
from .pipelines import Pipeline, describe_pipeline
from .radiographs import Radiograph, normalize, read
from .results import Comparison, Explanation, Prediction
from .two_models import ModelComparison

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
]
