from .alternatives import lungs_note, lungs_sentence, spread_sentence, where_sentence
from .geometry_words import (
    fit_sentence,
    geometries_to_dict,
    geometry_label,
    geometry_sentence,
    geometry_text,
)
from .grid_words import LEGEND, MARKS, grid_sentences, grid_text, short_label
from .images import contact_sheet, outlined, overlay, overlay_on, tile
from .knowing_words import known_by_sentence
from .marks import Segment, cell_outline, hottest_sentence
from .plain import diagnosis_to_dict
from .sensitivity_words import sensitivity_sentence, sensitivity_to_dict
from .tables import comparison_to_csv, comparison_to_dict
from .viewing import (
    LUNG_LIKE,
    Preset,
    ViewedPixels,
    presets,
    spacing_sentence,
    viewed_pixels,
)
from .words import (
    CAVEAT,
    FITTING,
    certainty,
    conclude,
    contract_figures,
    heat_caption,
    is_meaningful,
    likely_sentence,
    map_worth_of,
    placement_of,
    stability_sentence,
)

__all__ = [
    "CAVEAT",
    "FITTING",
    "LEGEND",
    "LUNG_LIKE",
    "MARKS",
    "Preset",
    "Segment",
    "ViewedPixels",
    "cell_outline",
    "certainty",
    "comparison_to_csv",
    "comparison_to_dict",
    "conclude",
    "contact_sheet",
    "contract_figures",
    "diagnosis_to_dict",
    "fit_sentence",
    "geometries_to_dict",
    "geometry_label",
    "geometry_sentence",
    "geometry_text",
    "grid_sentences",
    "grid_text",
    "heat_caption",
    "hottest_sentence",
    "is_meaningful",
    "known_by_sentence",
    "likely_sentence",
    "lungs_note",
    "lungs_sentence",
    "map_worth_of",
    "outlined",
    "overlay",
    "overlay_on",
    "placement_of",
    "presets",
    "sensitivity_sentence",
    "sensitivity_to_dict",
    "short_label",
    "spacing_sentence",
    "spread_sentence",
    "stability_sentence",
    "tile",
    "viewed_pixels",
    "where_sentence",
]
