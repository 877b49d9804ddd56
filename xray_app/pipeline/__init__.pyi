from .agreement import assert_same_preprocessing, preprocessing_differences
from .code import pipeline_code
from .describing import describe_pipeline
from .difference import PipelineDifference, compare_descriptions, difference_from
from .report import PipelineReport
from .steps.description import PipelineDescription, reproduce
from .steps.sampling import SAMPLINGS, resampled

__all__ = [
    "SAMPLINGS",
    "PipelineDescription",
    "PipelineDifference",
    "PipelineReport",
    "assert_same_preprocessing",
    "compare_descriptions",
    "describe_pipeline",
    "difference_from",
    "pipeline_code",
    "preprocessing_differences",
    "reproduce",
    "resampled",
]
