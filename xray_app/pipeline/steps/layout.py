"""Which axis of a tensor is what."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xray_app.core import AnyArray, InputError
from xray_app.pipeline.steps.images import as_numbers

Planes = NDArray[np.float64]
# From how the axes are written to their order as (N, C, H, W); the usual first.
LAYOUTS: tuple[str, ...] = ("HW", "HWC", "CHW", "NHW", "NHWC", "NCHW")
_CHANNELS = (1, 3)


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A tensor read in one layout.

    Attributes:
        layout: one of ``LAYOUTS``.
        planes: (N, C, H, W) float64, one N an image.
        dtype: the tensor's own.
    """

    layout: str
    planes: Planes
    dtype: np.dtype

    @property
    def text(self) -> str:
        """The axes in words."""
        return layout_text(self.layout, self.planes.shape[1])


def layout_text(layout: str, channels: int) -> str:
    """Say the axes: "batch, height, width, 3 channels (NHWC)"."""
    words = {"N": "batch", "H": "height", "W": "width"}
    words["C"] = f"{channels} channel{'' if channels == 1 else 's'}"
    return f"{', '.join(words[axis] for axis in layout)} ({layout})"


def readings(tensors: object, images: int) -> list[Tensor]:
    """Every layout in which the tensor of so many images can be read, the usual first.

    Args:
        tensors: an array, or a list of one a image.
        images: how many went in.

    Raises:
        InputError: no layout fits the shape, or the tensor is not of finite numbers or constant.

    >>> [each.layout for each in readings(np.arange(12.0).reshape(1, 2, 2, 3), images=1)]
    ['NHWC']
    """
    array = as_numbers(tensors, "tensor")
    if array.max() == array.min():
        raise InputError(
            f"The tensor is {float(array.flat[0]):g} everywhere: whatever made it lost the image."
        )
    layouts = [layout for layout in LAYOUTS if _fits(array, layout, images)]
    if isinstance(tensors, list | tuple) and images > 1:
        layouts = [layout for layout in layouts if layout[0] == "N"]
    if not layouts:
        count = f"{images} images" if images > 1 else "one image"
        raise InputError(
            f"Expected a tensor of {count} with 1 or 3 channels, such as (224, 224, 3) or "
            f"({images}, 3, 224, 224), received shape {array.shape}."
        )
    return [Tensor(layout, _planes(array, layout), array.dtype) for layout in layouts]


def _fits(array: AnyArray, layout: str, images: int) -> bool:
    if array.ndim != len(layout) or (images > 1 and "N" not in layout):
        return False
    size = dict(zip(layout, array.shape, strict=True))
    return (
        size.get("N", 1) == images
        and size.get("C", 1) in _CHANNELS
        and min(size["H"], size["W"]) > 1
    )


def _planes(array: AnyArray, layout: str) -> Planes:
    missing = [axis for axis in "NCHW" if axis not in layout]
    axes = [*missing, *layout]
    whole = array.reshape((1,) * len(missing) + array.shape).astype(np.float64)
    return np.ascontiguousarray(whole.transpose([axes.index(axis) for axis in "NCHW"]))


def laid_out(planes: Planes, layout: str) -> Planes:
    """Turn (N, C, H, W) into the layout; the inverse of how it was read.

    >>> laid_out(np.zeros((1, 3, 4, 5)), "HWC").shape
    (4, 5, 3)
    """
    kept = [axis for axis in "NCHW" if axis in layout]
    array = planes.reshape(
        [size for axis, size in zip("NCHW", planes.shape, strict=True) if axis in layout]
    )
    return array.transpose([kept.index(axis) for axis in layout])
