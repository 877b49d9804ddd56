from .agreement import assert_same_preprocessing, preprocessing_differences
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
from .report import PipelineReport
from .snippets.registry import SNIPPETS, input_code
from .snippets.snippet import Snippet
from .steps.description import PipelineDescription, reproduce
from .steps.sampling import SAMPLINGS, resampled
from .steps.scale import ScaleStep, scale_of

__all__ = [
    "SAMPLINGS",
    "SNIPPETS",
    "InputContract",
    "PipelineDescription",
    "PipelineDifference",
    "PipelineReport",
    "ScaleStep",
    "Snippet",
    "assert_same_preprocessing",
    "card_contract",
    "compare_descriptions",
    "contract_of",
    "declared_beside",
    "declared_by_name",
    "describe_pipeline",
    "difference_from",
    "input_code",
    "is_declaration",
    "parse_declared",
    "pipeline_code",
    "preprocessing_differences",
    "read_declared",
    "reproduce",
    "resampled",
    "scale_of",
]
