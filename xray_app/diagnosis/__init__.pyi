from .class_stability import ClassStability, Version, class_stability
from .common_classes import (
    CommonClasses,
    classes_over_half,
    common_classes,
    healthy_class,
    is_diseased,
)
from .comparison import Comparison, ComparisonRow, compare, compare_with
from .diagnosis import Diagnosis, Stage, diagnose, diagnose_with, stage_of
from .explanations import (
    DEFAULT_EXPLANATION,
    DETAIL,
    LAST,
    explain_all,
    find_layer,
    fitting_explanation,
)
from .geometry_pass import (
    GeometryComparison,
    GeometryPass,
    compare_geometries,
    usual_geometries,
)
from .known_by import is_open, knows, may_be_anothers
from .layer_probe import Probe, probe, training_range
from .prediction import calibrate_logits, check_logits
from .reference_pass import ReferencePass, feed_as_trained
from .scheme_grid import Grid, ScaleEffect, blank_answers, grid_for, scale_effects
from .scheme_pass import Arrived, Choices, Outcome, SchemePass, outcomes
from .sensitivity import Sensitivity, Sweep, sensitivity
from .slow_explanations import explained_by
from .two_models import (
    ModelSide,
    choices_for,
    choices_under,
    require_two,
    schemes_of_both,
    side_of,
    side_with,
)

__all__ = [
    "DEFAULT_EXPLANATION",
    "DETAIL",
    "LAST",
    "Arrived",
    "Choices",
    "ClassStability",
    "CommonClasses",
    "Comparison",
    "ComparisonRow",
    "Diagnosis",
    "GeometryComparison",
    "GeometryPass",
    "Grid",
    "ModelSide",
    "Outcome",
    "Probe",
    "ReferencePass",
    "ScaleEffect",
    "SchemePass",
    "Sensitivity",
    "Stage",
    "Sweep",
    "Version",
    "blank_answers",
    "calibrate_logits",
    "check_logits",
    "choices_for",
    "choices_under",
    "class_stability",
    "classes_over_half",
    "common_classes",
    "compare",
    "compare_geometries",
    "compare_with",
    "diagnose",
    "diagnose_with",
    "explain_all",
    "explained_by",
    "feed_as_trained",
    "find_layer",
    "fitting_explanation",
    "grid_for",
    "healthy_class",
    "is_diseased",
    "is_open",
    "knows",
    "may_be_anothers",
    "outcomes",
    "probe",
    "require_two",
    "scale_effects",
    "schemes_of_both",
    "sensitivity",
    "side_of",
    "side_with",
    "stage_of",
    "training_range",
    "usual_geometries",
]
