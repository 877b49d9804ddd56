"""A small U-Net (Ronneberger et al. 2015), half a million parameters at most.

It works at half the resolution of its input and output: lungs are smooth, and a pass takes
milliseconds.
"""

from typing import Any

import keras

SIDE = 128
OUTPUTS = 2
_WIDTHS = (16, 32, 64, 96)


def network() -> Any:
    """(N, SIDE, SIDE, 1) display values in [0, 1] to (N, SIDE, SIDE, 2) logits."""
    inputs = keras.Input((SIDE, SIDE, 1))
    x, skips = inputs - 0.5, []
    x = keras.layers.Conv2D(_WIDTHS[0], 4, strides=2, padding="same")(x)
    for width in _WIDTHS[:-1]:
        x = _block(x, width)
        skips.append(x)
        x = keras.layers.MaxPooling2D()(x)
    x = _block(x, _WIDTHS[-1])
    for width, skip in zip(_WIDTHS[-2::-1], skips[::-1], strict=True):
        x = keras.layers.Conv2DTranspose(width, 2, strides=2)(x)
        x = _block(keras.layers.Concatenate()([x, skip]), width)
    logits = keras.layers.Conv2DTranspose(OUTPUTS, 4, strides=2, padding="same")(x)
    return keras.Model(inputs, logits)


def _block(x: Any, width: int) -> Any:
    for _ in range(2):
        x = keras.layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization(momentum=0.95)(x)
        x = keras.layers.Activation("relu")(x)
    return x
