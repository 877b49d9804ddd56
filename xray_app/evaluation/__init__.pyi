from .anatomy import anatomy_text, measure_anatomy
from .calibration import VALIDATION, calibrate, require_validation
from .evaluation import PREVALENCES, evaluate, evaluate_logits
from .exporting import export_model
from .figures import FIGURES, figure_text_of
from .labelled_images import LabelledImages
from .measuring import measure, write_measured
from .sentences import (
    calibration_sentences,
    inside_sentence,
    repetition_sets,
    set_sentence,
    threshold_sentence,
)
from .tables import (
    condition_rows,
    confusion_rows,
    figure_rows,
    method_rows,
    predictive_rows,
    repetition_rows,
    stability_rows,
)
from .text import evaluation_text, record_markdown

__all__ = [
    "FIGURES",
    "PREVALENCES",
    "VALIDATION",
    "LabelledImages",
    "anatomy_text",
    "calibrate",
    "calibration_sentences",
    "condition_rows",
    "confusion_rows",
    "evaluate",
    "evaluate_logits",
    "evaluation_text",
    "export_model",
    "figure_rows",
    "figure_text_of",
    "inside_sentence",
    "measure",
    "measure_anatomy",
    "method_rows",
    "predictive_rows",
    "record_markdown",
    "repetition_rows",
    "repetition_sets",
    "require_validation",
    "set_sentence",
    "stability_rows",
    "threshold_sentence",
    "write_measured",
]
