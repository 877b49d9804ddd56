from .describing import describe_pipeline
from .report import PipelineReport
from .steps.description import PipelineDescription, reproduce

__all__ = [
    "PipelineDescription",
    "PipelineReport",
    "describe_pipeline",
    "reproduce",
]
