"""The contract of a model's card, and of what was measured on a model's layers."""

from xray_app.cards import ModelCard
from xray_app.core import InputError
from xray_app.core.images import Geometry
from xray_app.core.normalization import DatasetStatistics, parse_scheme
from xray_app.pipeline.contracts.contract import InputContract
from xray_app.pipeline.steps.sampling import SAMPLINGS
from xray_app.pipeline.steps.scale import ScaleStep, scale_of


def card_contract(card: ModelCard) -> InputContract:
    """What a card declares: geometry, scheme and statistics.

    Raises:
        InputError: the scheme needs statistics that the card does not state.
    """
    size = card.input.geometry
    return contract_of(
        f"the card of {card.name}", size, card.contract.scheme, card.contract.statistics
    )


def contract_of(
    source: str, geometry: Geometry, scheme: str, statistics: DatasetStatistics | None = None,
    channels: int = 3,
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
        order="BGR" if steps.scale.name == "caffe" else "RGB", layout="NHWC",
        scale=_scale(steps.scale.name, channels, statistics), contrast=steps.contrast.name,
    )  # fmt: skip


def _scale(name: str, channels: int, statistics: DatasetStatistics | None) -> ScaleStep:
    if name == "dataset" and statistics is None:
        raise InputError(
            "The scheme needs the training mean and standard deviation, and none is stated."
        )
    return scale_of(name, channels, statistics)
