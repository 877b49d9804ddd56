"""timm's ``config.json``: the ``pretrained_cfg`` of a model.

Sources: timm 1.0.31, ``data/config.py`` (``resolve_data_config``: what stands for a field that is
left out: bicubic, ImageNet's mean and deviation, crop_pct 0.875, crop_mode 'center'; it takes
``input_size``, and ``test_input_size`` only on request), ``data/transforms_factory.py``
(``transforms_imagenet_eval``: resize each side to floor(side / crop_pct), then crop; 'squash'
stretches, 'border' fits the longer side and pads with the mean), ``models/_hub.py`` (older files
have the fields at the top). ``input_size`` is (channels, height, width). An ``interpolation`` of
'random' is for training (``data/transforms.py``, bilinear or bicubic by chance); evaluation has no
such.
"""

from dataclasses import replace

from xray_app.pipeline.contracts.contract import InputContract, scale_from
from xray_app.pipeline.contracts.fields import Fields, as_pixels
from xray_app.pipeline.contracts.pillow import BY_NAME, pillow_kernel
from xray_app.pipeline.contracts.placing import scaled
from xray_app.pipeline.contracts.processors import IMAGENET

LIBRARY = "timm"
_MEAN, _STD = IMAGENET
_CROP = 0.875
_FITS = {"border": "pad-border", "center": "cover-crop", "squash": "stretch-crop"}
FIELDS = ("pretrained_cfg", "crop_pct", "crop_mode", "input_size", "interpolation")


def timm_contract(fields: Fields) -> InputContract:
    """Read the fields of a timm ``config.json``.

    Raises:
        InputError: a field has an odd type or an impossible value; it is named.
    """
    own = fields.within("pretrained_cfg") if "pretrained_cfg" in fields else fields
    channels, height, width = _input_size(own)
    mean, std = own.channels("mean", _MEAN), own.deviations("std", _STD)
    mean, std = (_for_channels(each, channels) for each in (mean, std))
    scale = scale_from(
        tuple(1.0 / s for s in std), tuple(-m / s for m, s in zip(mean, std, strict=True))
    )
    contract = InputContract(
        fields.name, LIBRARY, height, width, channels=channels, scale=scale,
        padding=tuple(round(255 * m) / 255.0 for m in mean), notes=tuple(_notes(own)),
    )  # fmt: skip
    contract = _with_fit(contract, own)
    return _with_kernel(contract, own)


def _input_size(own: Fields) -> tuple[int, int, int]:
    value = own.content.get("input_size")
    if value is None:
        return 3, 224, 224
    sides = [as_pixels(each) for each in value] if isinstance(value, list) else []
    if len(sides) != 3 or None in sides or sides[0] not in (1, 3):
        raise own.wrong("input_size", "[channels, height, width] with 1 or 3 channels")
    channels, height, width = (side or 0 for side in sides)
    return channels, height, width


def _for_channels(values: tuple[float, ...], channels: int) -> tuple[float, ...]:
    """One a channel; of a model of one channel timm takes the first of three."""
    return values * channels if len(values) == 1 else values[:channels]


def _with_fit(contract: InputContract, own: Fields) -> InputContract:
    fraction = own.number("crop_pct", _CROP, 0.05, 1.0)
    mode = own.word("crop_mode", "center", _FITS)
    height, width = contract.height or 0, contract.width or 0
    before = scaled(fraction, height, width)
    if mode == "squash" and before == (height, width):
        return replace(contract, fit="stretch")
    if mode == "center" and height == width:
        return replace(contract, fit="resize-crop", number=float(before[0]))
    return replace(contract, fit=_FITS[mode], number=fraction)


def _with_kernel(contract: InputContract, own: Fields) -> InputContract:
    name = own.word("interpolation", "bicubic")
    if name == "random":
        note = (
            "interpolation 'random' is bilinear or bicubic by chance, for training; a kernel for "
            "evaluation is not stated."
        )
        return replace(contract, notes=(*contract.notes, note))
    name = own.word("interpolation", "bicubic", (*BY_NAME, "random"))
    sampling, rounding, note = pillow_kernel(BY_NAME[name])
    notes = (*contract.notes, note) if note else contract.notes
    return replace(contract, sampling=sampling, rounding=rounding, notes=notes)


def _notes(own: Fields) -> list[str]:
    notes = []
    if "test_input_size" in own and own.content["test_input_size"] != own.content.get("input_size"):
        value = own.content["test_input_size"]
        sides = [as_pixels(each) for each in value] if isinstance(value, list) else []
        if len(sides) != 3 or None in sides:
            raise own.wrong("test_input_size", "[channels, height, width]")
        notes.append(
            f"At evaluation timm's own figures use test_input_size, {sides[1]} × {sides[2]}; "
            "create_transform takes input_size unless told otherwise."
        )
    left_out = [name for name in ("mean", "std", "interpolation", "crop_pct") if name not in own]
    if left_out:
        notes.append(f"Not in the file, so timm's defaults hold: {', '.join(left_out)}.")
    return notes
