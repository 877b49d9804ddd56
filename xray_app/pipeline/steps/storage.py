"""How precisely a tensor's own type holds its values."""

from collections.abc import Iterator

import numpy as np

from xray_app.pipeline.steps.layout import Planes, Tensor

_FEW = 16
_WHOLE = 12.0**-0.5  # root mean square of rounding to whole numbers


def type_floor(tensor: Tensor) -> float:
    """Root mean square of the rounding that the tensor shows, as a fraction of its range."""
    kind, values = _float_kind(tensor), tensor.planes
    if _is_whole(values):
        return float(_WHOLE / np.ptp(values))
    if not kind:
        return 0.0
    spacing = np.spacing(np.abs(values).astype(np.float16)).astype(np.float64)
    spacing *= 8.0 if kind == "bfloat16" else 1.0
    return float(np.sqrt(np.mean(spacing**2) / 12.0) / np.ptp(values))


def storages(tensor: Tensor, rms: float) -> Iterator[str]:
    """The storages that the values allow; those that round last, where rounding explains them."""
    kind = _float_kind(tensor)
    if kind:
        yield kind
        return
    is_whole = _is_whole(tensor.planes)
    if is_whole and rms * np.ptp(tensor.planes) > 1e-3:
        yield from ("round", "floor")
    yield ""


def _float_kind(tensor: Tensor) -> str:
    """Either "float16" or "bfloat16" if all values are, and are not merely whole."""
    values = tensor.planes
    if (
        tensor.dtype.kind != "f"
        or _is_whole(values)
        or len(np.unique(values.ravel()[:: max(1, values.size // 4096)])) < _FEW
    ):
        return ""
    bits = values.astype(np.float32).view(np.uint32)
    if not (bits & np.uint32(0xFFFF)).any() and (values == values.astype(np.float32)).all():
        return "bfloat16"
    if np.abs(values).max() > np.finfo(np.float16).max:
        return ""
    return "float16" if (values == values.astype(np.float16)).all() else ""


def _is_whole(values: Planes) -> bool:
    return bool((values == np.rint(values)).all())
