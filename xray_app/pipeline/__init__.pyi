from .agreement import (
    PreprocessingComparison,
    assert_same_preprocessing,
    compare_preprocessing,
    preprocessing_differences,
)
from .apart import check_apart
from .checking import PipelineCheck, check_pipeline, check_reports, tensor_planes
from .code import pipeline_code
from .describing import describe_pipeline
from .difference import PipelineDifference, compare_descriptions, difference_from
from .examples import EXAMPLES, make_example
from .mending import Mending, mending_of
from .report import PipelineReport
from .steps.description import PipelineDescription, reproduce
from .steps.images import as_source
from .steps.sampling import SAMPLINGS, resampled

__all__ = [
    "EXAMPLES",
    "SAMPLINGS",
    "Mending",
    "PipelineCheck",
    "PipelineDescription",
    "PipelineDifference",
    "PipelineReport",
    "PreprocessingComparison",
    "as_source",
    "assert_same_preprocessing",
    "check_apart",
    "check_pipeline",
    "check_reports",
    "compare_descriptions",
    "compare_preprocessing",
    "describe_pipeline",
    "difference_from",
    "make_example",
    "mending_of",
    "pipeline_code",
    "preprocessing_differences",
    "reproduce",
    "resampled",
    "tensor_planes",
]
