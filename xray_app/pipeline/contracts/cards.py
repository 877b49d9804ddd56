"""The contract of a model's card, and of what was measured on a model's layers."""

from dataclasses import replace

from xray_app.cards import ModelCard
from xray_app.core import InputError
from xray_app.core.images import Geometry
from xray_app.core.normalization import DatasetStatistics, parse_scheme
from xray_app.pipeline.contracts.contract import InputContract
from xray_app.pipeline.steps.sampling import SAMPLINGS
from xray_app.pipeline.steps.scale import ScaleStep, scale_of


def card_contract(card: ModelCard) -> InputContract:
    """What a card declares: geometry, scheme and statistics; of a brought model its own axes.

    Raises:
        InputError: the scheme needs statistics that the card does not state.
    """
    channels, layout = card_axes(card)
    contract = contract_of(
        f"the card of {card.name}", card.input.geometry, card.contract.scheme,
        card.contract.statistics, channels, layout,
    )  # fmt: skip
    order = card.brought.channel_order if card.brought else None
    return replace(contract, order=order) if order in ("RGB", "BGR") else contract


def card_axes(card: ModelCard) -> tuple[int, str]:
    """Channels and layout of a model's input, "NHWC" or "NCHW"; a model of this app's has 3, last.

    What a brought model's file takes may be otherwise.
    """
    own = card.brought
    return (own.channels, own.layout) if own else (3, "NHWC")


def contract_of(
    source: str, geometry: Geometry, scheme: str, statistics: DatasetStatistics | None = None,
    channels: int = 3, layout: str = "NHWC",
) -> InputContract:  # fmt: skip
    """What a geometry and a scheme come to.

    Raises:
        UnknownChoice: there is no such scheme.
        InputError: the scheme needs statistics.

    >>> contract_of("a test", Geometry(224, 224), "signed").values_text
    'values -1 to 1'
    """
    steps = parse_scheme(scheme)
    widened = f"{geometry.kernel}-antialiased"
    return InputContract(
        source, "", geometry.height, geometry.width, geometry.fit, float(geometry.resize_to or 0),
        widened if geometry.antialias and widened in SAMPLINGS else geometry.kernel,
        padding=(geometry.pad_value,), channels=channels,
        order="BGR" if steps.scale.name == "caffe" else "RGB", layout=layout,
        scale=_scale(steps.scale.name, channels, statistics), contrast=steps.contrast.name,
    )  # fmt: skip


def _scale(name: str, channels: int, statistics: DatasetStatistics | None) -> ScaleStep:
    if name == "dataset" and statistics is None:
        raise InputError(
            "The scheme needs the training mean and standard deviation, and none is stated."
        )
    return scale_of(name, channels, statistics)
