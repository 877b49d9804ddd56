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
from .plain import diagnosis_to_dict
from .sensitivity_words import sensitivity_sentence, sensitivity_to_dict
from .tables import comparison_to_csv, comparison_to_dict
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
    no_map_sentence,
    own_model_sentence,
    placement_of,
    stability_sentence,
)

__all__ = [
    "CAVEAT",
    "FITTING",
    "LEGEND",
    "MARKS",
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
    "is_meaningful",
    "known_by_sentence",
    "likely_sentence",
    "lungs_note",
    "lungs_sentence",
    "map_worth_of",
    "no_map_sentence",
    "outlined",
    "overlay",
    "overlay_on",
    "own_model_sentence",
    "placement_of",
    "sensitivity_sentence",
    "sensitivity_to_dict",
    "short_label",
    "spread_sentence",
    "stability_sentence",
    "tile",
    "where_sentence",
]
