"""The kernels of ``PIL.Image.Resampling`` by number and by name, as steps of this app.

Source: Pillow 13.0, ``Image.Resampling`` and "Concepts: Filters". All but nearest widen with the
reduction; of bytes each axis is rounded to whole bytes (Resample.c).
"""

BY_NAME: dict[str, int] = {
    "nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5,
}  # fmt: skip
_SAMPLINGS = {
    0: "nearest-pillow", 1: "lanczos-antialiased", 2: "bilinear-antialiased",
    3: "bicubic-antialiased",
}  # fmt: skip
_NAMES = {number: name for name, number in BY_NAME.items()}


def pillow_kernel(code: int) -> tuple[str, str, str]:
    """Sampling, rounding and a note for a number of ``PIL.Image.Resampling``.

    >>> pillow_kernel(2)
    ('bilinear-antialiased', 'pillow', '')
    """
    if code not in _SAMPLINGS:
        return "", "", f"Pillow's kernel '{_NAMES[code]}' is not reproduced here."
    return _SAMPLINGS[code], "pillow" if code else "", ""
