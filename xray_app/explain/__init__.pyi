from .agreement import mean_of, rank_correlation, same_shape, structural_similarity
from .artefacts import follows_mirror, peak_of
from .body import CORNERS, Mask, Placement, body_mask, corner_of, place_evidence
from .class_activation import CLASS_ACTIVATIONS, explain
from .hottest import HottestRegion, hottest_region
from .method import INPUT, Advance, InputExplanation, Question, part_of, unwatched
from .ninths import cell_overlap, densest_ninth
from .registry import (
    ALL,
    BLACK_BOX,
    EXPLANATIONS,
    NO_MAP,
    SLOW,
    explain_input,
    find_explanation,
    no_map,
)

__all__ = [
    "ALL",
    "BLACK_BOX",
    "CLASS_ACTIVATIONS",
    "CORNERS",
    "EXPLANATIONS",
    "INPUT",
    "NO_MAP",
    "SLOW",
    "Advance",
    "HottestRegion",
    "InputExplanation",
    "Mask",
    "Placement",
    "Question",
    "body_mask",
    "cell_overlap",
    "corner_of",
    "densest_ninth",
    "explain",
    "explain_input",
    "find_explanation",
    "follows_mirror",
    "hottest_region",
    "mean_of",
    "no_map",
    "part_of",
    "peak_of",
    "place_evidence",
    "rank_correlation",
    "same_shape",
    "structural_similarity",
    "unwatched",
]
