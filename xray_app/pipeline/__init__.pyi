from .agreement import assert_same_preprocessing, preprocessing_differences
from .apart import check_apart
from .checking import PipelineCheck, check_pipeline
from .code import pipeline_code
from .describing import describe_pipeline
from .difference import PipelineDifference, compare_descriptions, difference_from
from .examples import EXAMPLES, make_example
from .mending import Mending, mending_of
from .report import PipelineReport
from .steps.description import PipelineDescription, reproduce
from .steps.sampling import SAMPLINGS, resampled

__all__ = [
    "EXAMPLES",
    "SAMPLINGS",
    "Mending",
    "PipelineCheck",
    "PipelineDescription",
    "PipelineDifference",
    "PipelineReport",
    "assert_same_preprocessing",
    "check_apart",
    "check_pipeline",
    "compare_descriptions",
    "describe_pipeline",
    "difference_from",
    "make_example",
    "mending_of",
    "pipeline_code",
    "preprocessing_differences",
    "reproduce",
    "resampled",
]
