from .ahead import made_ahead
from .cell_norms import MOST_NORM_RATIO, blank_images, norm_ratios
from .classifier_metrics.arrays import Flags, Labels, Values
from .classifier_metrics.calibration import (
    ReliabilityBin,
    brier_score,
    calibration_error,
    chance_band,
    reliability,
)
from .classifier_metrics.discrimination import (
    area_under_curve,
    fraction,
    predictive_values,
    roc_points,
)
from .classifier_metrics.intervals import (
    Interval,
    interval,
    mean_interval,
    once,
    resample_groups,
    wilson_interval,
)
from .cpus import processors
from .digests import sha256_of
from .errors import (
    CardError,
    EngineError,
    FileTooLarge,
    InputError,
    ModelError,
    PacsError,
    ServerBusy,
    UnknownChoice,
    UnreadableFile,
    UnsupportedFile,
    WeightsError,
    XrayAppError,
    every_error,
    first_line,
)
from .files import make_folder, read_bytes, write_atomically, write_text
from .gate_rule import KINDS, MENDABLE, Finding, GateReport, GateRule, Kind, Limit
from .json_files import (
    json_text,
    read_json,
    read_record,
    write_json,
    wrong_fields,
)
from .paths import data_directory, import_root, models_directory
from .patients import patient_of
from .probabilities import CALIBRATIONS, likely_classes, sigmoid, softmax
from .progress import Meter, Progress, Reporter, TerminalProgress, silent
from .records.arrays import AnyArray, FloatArray, read_only
from .records.histogram import Histogram, Statistics
from .records.inference import ContractReport, ModelInput, Prediction, Saliency, Verdict
from .records.radiograph import (
    Plane,
    ProvenanceStep,
    Radiograph,
    Shutter,
    Spacing,
    WindowControls,
    WindowOffer,
)
from .scratch import scratch_folder
from .stopwatch import Stopwatch

__all__ = [
    "CALIBRATIONS",
    "KINDS",
    "MENDABLE",
    "MOST_NORM_RATIO",
    "AnyArray",
    "CardError",
    "ContractReport",
    "EngineError",
    "FileTooLarge",
    "Finding",
    "Flags",
    "FloatArray",
    "GateReport",
    "GateRule",
    "Histogram",
    "InputError",
    "Interval",
    "Kind",
    "Labels",
    "Limit",
    "Meter",
    "ModelError",
    "ModelInput",
    "PacsError",
    "Plane",
    "Prediction",
    "Progress",
    "ProvenanceStep",
    "Radiograph",
    "ReliabilityBin",
    "Reporter",
    "Saliency",
    "ServerBusy",
    "Shutter",
    "Spacing",
    "Statistics",
    "Stopwatch",
    "TerminalProgress",
    "UnknownChoice",
    "UnreadableFile",
    "UnsupportedFile",
    "Values",
    "Verdict",
    "WeightsError",
    "WindowControls",
    "WindowOffer",
    "XrayAppError",
    "area_under_curve",
    "blank_images",
    "brier_score",
    "calibration_error",
    "chance_band",
    "data_directory",
    "every_error",
    "first_line",
    "fraction",
    "import_root",
    "interval",
    "json_text",
    "likely_classes",
    "made_ahead",
    "make_folder",
    "mean_interval",
    "models_directory",
    "norm_ratios",
    "once",
    "patient_of",
    "predictive_values",
    "processors",
    "read_bytes",
    "read_json",
    "read_only",
    "read_record",
    "reliability",
    "resample_groups",
    "roc_points",
    "scratch_folder",
    "sha256_of",
    "sigmoid",
    "silent",
    "softmax",
    "wilson_interval",
    "write_atomically",
    "write_json",
    "write_text",
    "wrong_fields",
]
