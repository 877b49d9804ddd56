"""Hugging Face's ``preprocessor_config.json``: the arguments of a transformers image processor.

Sources: transformers 5.24, ``image_processing_backends.py`` (``PilBackend``: resize, centre crop,
rescale, normalize, in that order; ``size`` with shortest_edge before height and width),
``image_transforms.py`` (``center_crop`` cuts the odd pixel, black beyond the edge), and the class
attributes of ``models/*/image_processing_*.py``, which stand for fields that a file leaves out.
``resample`` is a number of ``PIL.Image.Resampling``: 0 nearest, 1 Lanczos, 2 bilinear, 3 bicubic,
4 box, 5 Hamming (Pillow, "Filters"). Bytes are resized by Pillow, which widens its kernels and
rounds along each axis; a processor on torchvision may differ from it by a gray level.
"""

import re
from dataclasses import replace

from xray_app.pipeline.contracts.contract import InputContract, scale_from
from xray_app.pipeline.contracts.fields import Fields
from xray_app.pipeline.contracts.image_sizes import OpenGeometry, fitted_by
from xray_app.pipeline.contracts.pillow import BY_NAME, pillow_kernel
from xray_app.pipeline.contracts.processors import (
    OWN_RESIZE,
    OWN_VALUES,
    PROCESSORS,
    Processor,
)

LIBRARY = "Hugging Face"
_KINDS = ("image_processor_type", "feature_extractor_type")
_CLASS_NAME = re.compile(r"[A-Za-z0-9_]{0,100}")
FIELDS = (
    *_KINDS, "image_mean", "image_std", "do_normalize",
    "do_rescale", "do_resize", "rescale_factor",
)  # fmt: skip


def hugging_face_contract(fields: Fields) -> InputContract:
    """Read the fields of a ``preprocessor_config.json``.

    Raises:
        InputError: a field has an odd type or an impossible value; it is named.
    """
    kind = _kind(fields)
    known = PROCESSORS.get(kind)
    contract = InputContract(fields.name, LIBRARY, notes=tuple(_notes(fields, kind, known)))
    contract = _with_values(contract, fields, known)
    contract = _with_sampling(contract, fields, known)
    contract = _with_geometry(contract, fields, known, kind)
    if kind in OWN_VALUES:
        note = f"{kind}ImageProcessor scales values in a way of its own, not told here."
        contract = replace(contract, scale=None, notes=(*contract.notes, note))
    return contract


def _kind(fields: Fields) -> str:
    kinds = {field: fields.word(field, "") for field in _KINDS}
    for field, name in kinds.items():  # the name stands in notes: no text of a stranger's in them
        if not _CLASS_NAME.fullmatch(name):
            raise fields.wrong(field, "the name of a class, of letters, digits and underscores,")
    name = next(filter(None, kinds.values()), "")
    for end in ("Fast", "Pil", "ImageProcessor", "FeatureExtractor"):
        name = name.removesuffix(end)
    return name


def _notes(fields: Fields, kind: str, known: Processor | None) -> list[str]:
    notes = []
    if known is None:
        named = f"{kind}ImageProcessor" if kind else "The file's processor"
        notes.append(f"{named} is not known here: fields that are left out can't be filled in.")
    if not fields.flag("do_convert_rgb", known.converts if known else False):
        notes.append(
            "The processor does not turn images into RGB: convert a grayscale file first "
            "(Pillow's convert('RGB'))."
        )
    return notes


def _with_values(contract: InputContract, fields: Fields, known: Processor | None) -> InputContract:
    """``(v * rescale_factor - image_mean) / image_std`` of bytes v, as far as it is done."""
    factor = fields.number("rescale_factor", 1.0 / 255.0, 1e-9, 1e6)
    gain = 255.0 * factor if fields.flag("do_rescale", True) else 255.0
    mean: tuple[float, ...] = (0.0,) * 3
    std: tuple[float, ...] = (1.0,) * 3
    if fields.flag("do_normalize", known.normalizes if known else True):
        empty: tuple[float, ...] = ()
        mean = fields.channels("image_mean", known.statistics[0] if known else empty)
        std = fields.deviations("image_std", known.statistics[1] if known else empty)
        if not mean or not std:
            note = "image_mean and image_std are not stated."
            return replace(contract, notes=(*contract.notes, note))
    channels = 3 if max(len(mean), len(std)) == 3 or not _is_list(fields) else 1
    mean, std = (each * channels if len(each) == 1 else each for each in (mean, std))
    scale = scale_from(
        tuple(gain / s for s in std), tuple(-m / s for m, s in zip(mean, std, strict=True))
    )
    is_flipped = fields.flag("do_flip_channel_order", known.flips if known else False)
    order = "BGR" if is_flipped else "RGB"
    return replace(contract, scale=scale, channels=channels, order=order)


def _is_list(fields: Fields) -> bool:
    return isinstance(fields.content.get("image_mean"), list)


def _with_sampling(
    contract: InputContract, fields: Fields, known: Processor | None
) -> InputContract:
    code = fields.content.get("resample")
    if code is None and known is None:
        return replace(contract, notes=(*contract.notes, "resample is not stated."))
    if code is None and known is not None:
        code = known.resample
    if isinstance(code, str) and code.lower() in BY_NAME:
        code = BY_NAME[code.lower()]
    if isinstance(code, bool) or not isinstance(code, int) or not 0 <= code <= 5:
        raise fields.wrong("resample", "a number of PIL.Image.Resampling from 0 to 5")
    sampling, rounding, note = pillow_kernel(code)
    notes = (*contract.notes, note) if note else contract.notes
    return replace(contract, sampling=sampling, rounding=rounding, notes=notes)


def _with_geometry(
    contract: InputContract, fields: Fields, known: Processor | None, kind: str
) -> InputContract:
    if kind in OWN_RESIZE:
        note = f"{kind}ImageProcessor resizes in a way of its own, not told here."
        return replace(contract, notes=(*contract.notes, note))
    try:
        found = fitted_by(fields, known, kind)
    except OpenGeometry as reason:
        return replace(contract, notes=(*contract.notes, str(reason)))
    height, width = found.sides
    return replace(contract, height=height, width=width, fit=found.fit, number=float(found.before))
