from .agreement import (
    PreprocessingComparison,
    assert_same_preprocessing,
    compare_preprocessing,
    preprocessing_differences,
)
from .apart import check_apart
from .checking import PipelineCheck, check_pipeline, check_reports, tensor_planes
from .code import pipeline_code
from .contracts.cards import card_contract, contract_of
from .contracts.contract import InputContract
from .contracts.reading import (
    declared_beside,
    declared_by_name,
    is_declaration,
    parse_declared,
    read_declared,
)
from .describing import describe_pipeline
from .difference import PipelineDifference, compare_descriptions, difference_from
from .examples import EXAMPLES, make_example
from .mending import Mending, mending_of
from .report import PipelineReport
from .snippets.registry import SNIPPETS, input_code
from .snippets.snippet import Snippet
from .steps.description import PipelineDescription, reproduce
from .steps.images import as_source
from .steps.sampling import SAMPLINGS, resampled
from .steps.scale import ScaleStep, scale_of

__all__ = [
    "EXAMPLES",
    "SAMPLINGS",
    "SNIPPETS",
    "InputContract",
    "Mending",
    "PipelineCheck",
    "PipelineDescription",
    "PipelineDifference",
    "PipelineReport",
    "PreprocessingComparison",
    "ScaleStep",
    "Snippet",
    "as_source",
    "assert_same_preprocessing",
    "card_contract",
    "check_apart",
    "check_pipeline",
    "check_reports",
    "compare_descriptions",
    "compare_preprocessing",
    "contract_of",
    "declared_beside",
    "declared_by_name",
    "describe_pipeline",
    "difference_from",
    "input_code",
    "is_declaration",
    "make_example",
    "mending_of",
    "parse_declared",
    "pipeline_code",
    "preprocessing_differences",
    "read_declared",
    "reproduce",
    "resampled",
    "scale_of",
    "tensor_planes",
]
