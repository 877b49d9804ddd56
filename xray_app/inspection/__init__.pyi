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
from .inside_model import PIXEL_SCALES, InsideModel, SchemeReach, follow_pixel, look_inside
from .inspection import Inspection, inspect_bytes, inspect_model
from .skeleton import open_fields

__all__ = [
    "PIXEL_SCALES",
    "VARIANTS",
    "VARIANT_ARCHITECTURE",
    "VARIANT_SCHEMES",
    "ComparedAspect",
    "DeclaredCheck",
    "InsideModel",
    "Inspection",
    "SchemeReach",
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
    "look_inside",
    "open_fields",
    "span",
    "with_declared",
]
