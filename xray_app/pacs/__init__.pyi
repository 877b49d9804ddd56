from .addresses import ADDRESS, is_address, place_of, query_of
from .records import MODALITIES, Image, Place, Query, Study, day, shown_day
from .retrieving import retrieve
from .searching import Found, all_images, find_images, find_studies, more_sentence
from .settings import Settings, is_configured, pacs_settings
from .storing import store

__all__ = [
    "ADDRESS",
    "MODALITIES",
    "Found",
    "Image",
    "Place",
    "Query",
    "Settings",
    "Study",
    "all_images",
    "day",
    "find_images",
    "find_studies",
    "is_address",
    "is_configured",
    "more_sentence",
    "pacs_settings",
    "place_of",
    "query_of",
    "retrieve",
    "shown_day",
    "store",
]
