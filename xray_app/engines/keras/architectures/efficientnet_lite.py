"""EfficientNet-Lite0, which Keras Applications does not have.

Of EfficientNet (Tan and Le 2019, table 1) without squeeze-and-excitation and with ReLU6 instead of
swish, as Google published it in 2020 for devices: 0.39 billion multiply-adds at 224 pixels.
"""

from dataclasses import dataclass
from typing import Any

_STEM, _TOP = 32, 1280
_INITIALIZER = {
    "class_name": "VarianceScaling",
    "config": {"scale": 2.0, "mode": "fan_out", "distribution": "truncated_normal"},
}


@dataclass(frozen=True, slots=True)
class _Stage:
    """Inverted residuals (Sandler 2018) that share a kernel size and a number of channels."""

    repeats: int
    kernel: int
    strides: int
    expansion: int
    channels: int


_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


def efficientnet_lite0(height: int, width: int) -> Any:
    """Build an uninitialised backbone from (N, H, W, 3) float32 to pooled features (N, 1280).

    It has no preprocessing layers. Layers are named as in Keras' EfficientNet: ``stem_conv``,
    ``block2a_expand_conv``, ``top_bn``.

    Args:
        height: pixels, 32 or more.
        width: pixels, 32 or more.
    """
    import keras

    inputs = keras.Input((height, width, 3))
    x = _activated(_convolved(inputs, _STEM, 3, 2, "stem_"), "stem_")
    for number, stage in enumerate(_STAGES, 1):
        for repeat in range(stage.repeats):
            strides = stage.strides if repeat == 0 else 1
            x = _inverted_residual(x, stage, strides, f"block{number}{'abcd'[repeat]}_")
    x = _activated(_convolved(x, _TOP, 1, 1, "top_"), "top_")
    pooled = keras.layers.GlobalAveragePooling2D(name="avg_pool")(x)
    return keras.Model(inputs, pooled, name="efficientnet_lite0")


def _inverted_residual(x: Any, stage: _Stage, strides: int, name: str) -> Any:
    import keras

    received = x.shape[-1]
    y = x
    if stage.expansion > 1:
        expanded = _convolved(x, received * stage.expansion, 1, 1, f"{name}expand_")
        y = _activated(expanded, f"{name}expand_")
    y = keras.layers.DepthwiseConv2D(
        stage.kernel, strides, "same",
        use_bias=False, depthwise_initializer=_INITIALIZER, name=f"{name}dwconv",
    )(y)  # fmt: skip
    y = _activated(_normalized(y, name), name)
    y = _convolved(y, stage.channels, 1, 1, f"{name}project_")
    if strides > 1 or received != stage.channels:
        return y
    return keras.layers.Add(name=f"{name}add")([y, x])


def _convolved(x: Any, channels: int, kernel: int, strides: int, name: str) -> Any:
    import keras

    x = keras.layers.Conv2D(
        channels, kernel, strides, "same",
        use_bias=False, kernel_initializer=_INITIALIZER, name=f"{name}conv",
    )(x)  # fmt: skip
    return _normalized(x, name)


def _normalized(x: Any, name: str) -> Any:
    import keras

    return keras.layers.BatchNormalization(epsilon=1e-3, name=f"{name}bn")(x)


def _activated(x: Any, name: str) -> Any:
    import keras

    return keras.layers.ReLU(6.0, name=f"{name}activation")(x)
