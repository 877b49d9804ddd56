"""Which other models know an image that a gate stopped, in words."""

from collections.abc import Sequence

from xray_app.cards import ModelCard


def known_by_sentence(cards: Sequence[ModelCard]) -> str:
    """What a person reads where one model's gate is closed; ``cards`` are of those that know."""
    if not cards:
        return "No installed model of other people knows such an image either."
    named = "; ".join(f"{card.name} ({card.training_data.population})" for card in cards)
    return f"Not told apart from what another installed model was trained on: {named}."
