from .measure import measure_artefacts
from .words import (
    artefact_rows,
    artefacts_text,
    images_text,
    label_of_test,
    sentence,
    verdict_of,
)

__all__ = [
    "artefact_rows",
    "artefacts_text",
    "images_text",
    "label_of_test",
    "measure_artefacts",
    "sentence",
    "verdict_of",
]
