from .tour import guide, offer_tour, take_from_address

__all__ = [
    "guide",
    "offer_tour",
    "take_from_address",
]
