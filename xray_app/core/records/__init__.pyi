from .arrays import AnyArray, FloatArray, read_only
from .histogram import Histogram, Statistics
from .inference import ContractReport, ModelInput, Prediction, Saliency, Verdict
from .radiograph import (
    Plane,
    ProvenanceStep,
    Radiograph,
    Shutter,
    Spacing,
    WindowControls,
    WindowOffer,
)

__all__ = [
    "AnyArray",
    "ContractReport",
    "FloatArray",
    "Histogram",
    "ModelInput",
    "Plane",
    "Prediction",
    "ProvenanceStep",
    "Radiograph",
    "Saliency",
    "Shutter",
    "Spacing",
    "Statistics",
    "Verdict",
    "WindowControls",
    "WindowOffer",
    "read_only",
]
