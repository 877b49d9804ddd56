from .declared import (
    ComparedAspect,
    DeclaredCheck,
    check_declared,
    contract_to_feed,
    describe_declared,
    with_declared,
)
from .expectation import span
from .families import (
    VARIANT_ARCHITECTURE,
    VARIANT_SCHEMES,
    VARIANTS,
    describe_families,
    describe_layer,
    families_markdown,
    find_families,
)
from .inside_model import (
    PIXEL_SCALES,
    InsideModel,
    PixelStep,
    SchemeReach,
    follow_pixel,
    look_inside,
)
from .inspection import Inspection, inspect_bytes, inspect_model
from .sentences import maps_sentence, quantization_sentence, takes_sentence
from .skeleton import open_fields
from .using import MODEL_SUFFIXES, Use, brought_card, is_model_file, open_brought, open_file

__all__ = [
    "MODEL_SUFFIXES",
    "PIXEL_SCALES",
    "VARIANTS",
    "VARIANT_ARCHITECTURE",
    "VARIANT_SCHEMES",
    "ComparedAspect",
    "DeclaredCheck",
    "InsideModel",
    "Inspection",
    "PixelStep",
    "SchemeReach",
    "Use",
    "brought_card",
    "check_declared",
    "contract_to_feed",
    "describe_declared",
    "describe_families",
    "describe_layer",
    "families_markdown",
    "find_families",
    "follow_pixel",
    "inspect_bytes",
    "inspect_model",
    "is_model_file",
    "look_inside",
    "maps_sentence",
    "open_brought",
    "open_fields",
    "open_file",
    "quantization_sentence",
    "span",
    "takes_sentence",
    "with_declared",
]
