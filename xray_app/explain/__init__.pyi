from .agreement import mean_of, rank_correlation, same_shape, structural_similarity
from .artefacts import blank_images, follows_mirror, norm_ratios, peak_of
from .body import CORNERS, Mask, Placement, body_mask, corner_of, place_evidence
from .class_activation import CLASS_ACTIVATIONS, explain
from .method import INPUT, Advance, InputExplanation, Question, unwatched
from .registry import EXPLANATIONS, SLOW, explain_input, find_explanation

__all__ = [
    "CLASS_ACTIVATIONS",
    "CORNERS",
    "EXPLANATIONS",
    "INPUT",
    "SLOW",
    "Advance",
    "InputExplanation",
    "Mask",
    "Placement",
    "Question",
    "blank_images",
    "body_mask",
    "corner_of",
    "explain",
    "explain_input",
    "find_explanation",
    "follows_mirror",
    "mean_of",
    "norm_ratios",
    "peak_of",
    "place_evidence",
    "rank_correlation",
    "same_shape",
    "structural_similarity",
    "unwatched",
]
