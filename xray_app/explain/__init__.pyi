from .agreement import mean_of, rank_correlation, same_shape, structural_similarity
from .body import CORNERS, Mask, Placement, body_mask, corner_of, place_evidence
from .class_activation import CLASS_ACTIVATIONS, explain
from .method import Advance, InputExplanation, Question, unwatched
from .registry import EXPLANATIONS, SLOW, explain_input, find_explanation

__all__ = [
    "INPUT",
    "CLASS_ACTIVATIONS",
    "CORNERS",
    "EXPLANATIONS",
    "SLOW",
    "Advance",
    "InputExplanation",
    "Mask",
    "Placement",
    "Question",
    "body_mask",
    "corner_of",
    "explain",
    "explain_input",
    "find_explanation",
    "mean_of",
    "place_evidence",
    "rank_correlation",
    "same_shape",
    "structural_similarity",
    "unwatched",
]
