"""Scale steps: from the display domain, (H, W) float32 in [0, 1], to a model's input (H, W, 3).

To add one, write one function and one row of ``SCALES``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xray_app.core.errors import InputError
from xray_app.core.records import FloatArray

IMAGENET_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
IMAGENET_STD = np.array([0.229, 0.224, 0.225], np.float32)
CAFFE_MEAN_BGR = np.array([103.939, 116.779, 123.68], np.float32)

_KERAS_MODES = "Keras, imagenet_utils.preprocess_input, mode"


@dataclass(frozen=True, slots=True)
class DatasetStatistics:
    """Mean and standard deviation of a model's training pixels, in display units [0, 1]."""

    mean: float
    std: float


@dataclass(frozen=True, slots=True)
class Scale:
    """A step from (H, W) in [0, 1] to the model's input (H, W, 3).

    ``output_range`` is what [0, 1] maps to at the widest, in words where it depends on the image.
    """

    name: str
    label: str
    formula: str
    explanation: str
    output_range: str
    source: str
    apply: Callable[[FloatArray, DatasetStatistics | None], FloatArray]


def _three_channels(image: FloatArray) -> FloatArray:
    return np.repeat(image[..., np.newaxis], 3, axis=-1)


def _byte(image: FloatArray, _: DatasetStatistics | None) -> FloatArray:
    return _three_channels(image * np.float32(255))


def _unit(image: FloatArray, _: DatasetStatistics | None) -> FloatArray:
    return _three_channels(image)


def _signed(image: FloatArray, _: DatasetStatistics | None) -> FloatArray:
    return _three_channels(image * np.float32(2) - np.float32(1))


def _imagenet(image: FloatArray, _: DatasetStatistics | None) -> FloatArray:
    return (_three_channels(image) - IMAGENET_MEAN) / IMAGENET_STD


def _caffe(image: FloatArray, _: DatasetStatistics | None) -> FloatArray:
    return _three_channels(image * np.float32(255)) - CAFFE_MEAN_BGR


def _dataset(image: FloatArray, statistics: DatasetStatistics | None) -> FloatArray:
    if statistics is None:
        raise InputError(
            "Scheme step 'dataset' needs the training mean and standard deviation, but this "
            "model's card states none; choose another scheme or add contract.mean and "
            "contract.variance to the card."
        )
    return _three_channels((image - np.float32(statistics.mean)) / np.float32(statistics.std))


def _zscore(image: FloatArray, _: DatasetStatistics | None) -> FloatArray:
    return zscore_like(image, image)


def zscore_like(values: FloatArray, image: FloatArray) -> FloatArray:
    """Scale grays by the mean and the deviation of an image, as a z-score does its own.

    Args:
        values: (H, W) float32 in [0, 1], the grays to scale.
        image: (H, W) float32 in [0, 1], whose figures count.

    Returns:
        (H, W, 3) float32; the deviation is at least what TensorFlow's per_image_standardization
        divides by, so a constant image gives no infinities.

    >>> zscore_like(np.zeros((1, 1), np.float32), np.array([[0.25, 0.75]], np.float32)).tolist()
    [[[-2.0, -2.0, -2.0]]]
    """
    mean = image.mean(dtype=np.float64)
    # TensorFlow's per_image_standardization divides by at least 1/sqrt(N) on the byte range.
    floor = 1.0 / (255.0 * np.sqrt(image.size))
    deviation = max(float((image - mean).std()), floor)
    return _three_channels(((values - mean) / deviation).astype(np.float32))


SCALES: dict[str, Scale] = {
    s.name: s
    for s in (
        Scale(
            "byte",
            "Bytes, 0 to 255",
            "y = 255\\,x",
            "Pixel values as an 8-bit file stores them.",
            "0 to 255",
            "Keras Applications, input of EfficientNet",
            _byte,
        ),
        Scale(
            "unit",
            "Divide by 255",
            "y = x",
            "Pixel values divided by 255.",
            "0 to 1",
            "Keras, layers.Rescaling(1/255)",
            _unit,
        ),
        Scale(
            "signed",
            "Signed unit",
            "y = 2\\,x - 1",
            "Divided by 127.5, minus 1, as for MobileNet and Inception.",
            "-1 to 1",
            f"{_KERAS_MODES} 'tf'",
            _signed,
        ),
        Scale(
            "imagenet",
            "ImageNet mean and std",
            r"y_c = \frac{x - \mu_c}{\sigma_c}",
            "Divided by 255, then standardised with the mean and deviation of ImageNet's photos.",
            "-2.12 to 2.64",
            f"{_KERAS_MODES} 'torch'",
            _imagenet,
        ),
        Scale(
            "caffe",
            "Caffe, BGR minus mean",
            r"y_c = 255\,x - \mu_c",
            "ImageNet's mean colour is subtracted from bytes in BGR order, as for VGG and ResNet.",
            "-123.7 to 151.1",
            f"{_KERAS_MODES} 'caffe'",
            _caffe,
        ),
        Scale(
            "dataset",
            "Training mean and std",
            r"y = \frac{x - \mu}{\sigma}",
            "Divided by 255, then standardised with the mean and deviation of the model's own "
            "training images.",
            "(0 - mean) / std to (1 - mean) / std",
            "The model's card",
            _dataset,
        ),
        Scale(
            "zscore",
            "Per-image z-score",
            r"y = \frac{x - \overline{x}}{s_x}",
            "Each image is standardised by its own mean and deviation.",
            "mean 0, deviation 1 for each image",
            "TensorFlow, image.per_image_standardization",
            _zscore,
        ),
    )
}
