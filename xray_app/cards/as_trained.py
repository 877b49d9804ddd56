"""What a card declares of the images that training sent: their scheme, size and values."""

from collections.abc import Iterable, Sequence

import numpy as np

from xray_app.cards.card import ModelCard
from xray_app.core import FloatArray, InputError, ModelInput, Radiograph
from xray_app.core.images import fitted
from xray_app.core.normalization import Scheme, normalize, normalize_each, parse_scheme


def trained_scheme(card: ModelCard) -> Scheme:
    """The scheme that the model was trained with."""
    return parse_scheme(card.contract.scheme)


def to_model_size(card: ModelCard, radiograph: Radiograph) -> FloatArray:
    """The radiograph in the display domain, (H, W) float32 in [0, 1], fitted as for training."""
    return fitted(radiograph, card.input.geometry)


def model_input(card: ModelCard, display: FloatArray, scheme: Scheme | None = None) -> ModelInput:
    """Feed an image (H, W) in [0, 1] under a scheme, with the training pixels' mean and deviation.

    Args:
        card: the model's.
        display: the image in the display domain, at the model's size.
        scheme: by default the one that the model was trained with.

    Raises:
        InputError: the scheme needs statistics that the card does not give.
    """
    return normalize(display, scheme or trained_scheme(card), card.contract.statistics)


def model_inputs_under(
    card: ModelCard, display: FloatArray, schemes: Sequence[Scheme]
) -> list[ModelInput]:
    """As ``model_input``, of one image under each of the schemes."""
    return normalize_each(display, schemes, card.contract.statistics)


def model_inputs(
    card: ModelCard, displays: Iterable[FloatArray], scheme: Scheme | None = None
) -> FloatArray:
    """As ``model_input``, of at least one image: (N, H, W, 3) float32."""
    return np.stack([model_input(card, display, scheme).array for display in displays])


def applicable(card: ModelCard, schemes: Iterable[Scheme]) -> list[Scheme]:
    """Those of the schemes for which the card has the figures that they need."""
    known = card.contract.statistics is not None
    return [scheme for scheme in schemes if known or scheme.scale.name != "dataset"]


def named_schemes(card: ModelCard, names: Iterable[str]) -> tuple[str, ...]:
    """The schemes that a person named, none of which may be left out without a word.

    Raises:
        UnknownChoice: there is no such scheme.
        InputError: one needs statistics that the card does not give.
    """
    schemes = [parse_scheme(name) for name in names]
    fed = applicable(card, schemes)
    for scheme in schemes:
        if scheme not in fed:
            raise InputError(
                f"Expected schemes that {card.name} can be fed, received {scheme.name!r}, which "
                "needs the training mean and standard deviation: its card states none. Leave that "
                "scheme out."
            )
    return tuple(scheme.name for scheme in schemes)
