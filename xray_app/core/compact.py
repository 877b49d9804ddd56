"""A radiograph in less memory, for while it is only kept."""

from dataclasses import replace

import numpy as np

from xray_app.core.records import Radiograph, read_only


def compact(radiograph: Radiograph) -> Radiograph:
    """The same without a second copy of the stored values, where the pixels are just these.

    An 8-bit image then takes 1 byte a pixel instead of 5. To be used, it must be ``expanded``.
    """
    if radiograph.pixels.dtype == radiograph.stored.dtype:
        return radiograph
    same = np.array_equal(radiograph.pixels, radiograph.stored)
    return replace(radiograph, pixels=radiograph.stored) if same else radiograph


def expanded(radiograph: Radiograph) -> Radiograph:
    """What ``compact`` was given."""
    if radiograph.pixels.dtype == np.float32:
        return radiograph
    return replace(radiograph, pixels=read_only(radiograph.pixels.astype(np.float32)))
