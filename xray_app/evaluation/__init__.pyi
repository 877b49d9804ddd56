from .calibration import VALIDATION, calibrate, require_validation
from .evaluation import PREVALENCES, evaluate, evaluate_logits
from .exporting import export_model
from .labelled_images import LabelledImages, person_of
from .measuring import measure, write_measured
from .text import confusion_rows, evaluation_text, figure_rows, record_markdown

__all__ = [
    "PREVALENCES",
    "VALIDATION",
    "LabelledImages",
    "calibrate",
    "confusion_rows",
    "evaluate",
    "evaluate_logits",
    "evaluation_text",
    "export_model",
    "figure_rows",
    "measure",
    "person_of",
    "record_markdown",
    "require_validation",
    "write_measured",
]
