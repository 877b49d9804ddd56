"""A MONAI bundle's ``metadata.json``: what the network's input tensor is.

Source: MONAI, ``docs/source/mb_specification.rst``, "metadata.json File": ``network_data_format``
has ``inputs``, each with ``type``, ``num_channels`` (channels first), ``spatial_shape`` ([H, W] or
[H, W, D]; a string is an expression such as "*" or "16*n" for sizes that vary), ``value_range``
([MIN, MAX], or [] where it is not known) and ``is_patch_data``. How pixels come to that range, and
how an image is fitted, stands in the bundle's ``inference.json``, not here.
"""

from dataclasses import replace

from xray_app.core import InputError
from xray_app.pipeline.contracts.contract import InputContract, scale_from
from xray_app.pipeline.contracts.fields import Fields, as_number, as_pixels

LIBRARY = "MONAI"
FIELDS = ("network_data_format",)
_RANGE = (
    "The bundle states the range of values, not how pixels come to it: black is taken for its "
    "lower end and white for its upper; ScaleIntensity would stretch each image instead."
)


def monai_contract(fields: Fields) -> InputContract:
    """Read the one image input of a bundle's ``metadata.json``.

    Raises:
        InputError: there is not one 2D image input of 1 or 3 channels, or a field is wrong.
    """
    own = _image_input(fields.within("network_data_format"))
    channels = as_pixels(own.content.get("num_channels"))
    if channels not in (1, 3):
        raise own.wrong("num_channels", "1 or 3")
    notes = ["How an image is fitted is not in metadata.json; look in inference.json."]
    if own.flag("is_patch_data", False):
        notes.append("The network takes patches of an image, not whole ones.")
    height, width = _sides(own)
    contract = InputContract(
        fields.name, LIBRARY, height, width, channels=channels, notes=tuple(notes)
    )
    return _with_range(contract, own)


def _image_input(fields: Fields) -> Fields:
    inputs = fields.within("inputs")
    names = [
        name for name, value in inputs.content.items()
        if isinstance(value, dict) and value.get("type", "image") == "image"
    ]  # fmt: skip
    if len(names) != 1:
        raise InputError(
            f"{fields.name}: expected one input of type image in network_data_format.inputs, "
            f"received {len(names)}."
        )
    return inputs.within(names[0])


def _sides(own: Fields) -> tuple[int | None, int | None]:
    """Height and width; None for one that an expression gives."""
    value = own.content.get("spatial_shape")
    if not isinstance(value, list) or not value:
        raise own.wrong("spatial_shape", "a list [height, width]")
    if len(value) != 2:
        raise InputError(
            f"{own.name}: the network takes {len(value)}D images; this app feeds radiographs, "
            "which are 2D."
        )
    sides = [as_pixels(side) for side in value]
    if any(
        side is None and not isinstance(each, str) for side, each in zip(sides, value, strict=True)
    ):
        raise own.wrong("spatial_shape", "pixels, or expressions such as '16*n',")
    return sides[0], sides[1]


def _with_range(contract: InputContract, own: Fields) -> InputContract:
    value = own.content.get("value_range", [])
    if value in (None, []):
        return replace(contract, notes=(*contract.notes, "The range of values is not stated."))
    ends = [as_number(each) for each in value] if isinstance(value, list) else []
    if len(ends) != 2 or ends[0] is None or ends[1] is None or not -1e6 <= ends[0] < ends[1] <= 1e6:
        raise own.wrong("value_range", "[lower end, upper end]")
    n = contract.channels
    scale = scale_from((ends[1] - ends[0],) * n, (ends[0],) * n)
    return replace(contract, scale=scale, notes=(*contract.notes, _RANGE))
