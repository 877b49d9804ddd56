from .measure import measure_artefacts
from .words import artefact_rows, artefacts_text, label_of_test

__all__ = ["artefact_rows", "artefacts_text", "label_of_test", "measure_artefacts"]
