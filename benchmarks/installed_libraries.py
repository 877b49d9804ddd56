"""Pipelines of libraries that the project has, run when they are asked for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from benchmarks.library_pipeline import Array, LibraryPipeline

_SIZE = (32, 28)


def _preprocessed(mode: str) -> Callable[[Array], Array]:
    def run(image: Array) -> Array:
        from keras.src.applications.imagenet_utils import preprocess_input

        return np.asarray(preprocess_input(image.astype(np.float32), mode=mode))

    return run


def _layered(*layers: Callable[[Any], Any]) -> Callable[[Array], Array]:
    """Keras layers one after another, on a batch of one."""

    def run(image: Array) -> Array:
        values = np.atleast_3d(image).astype(np.float32)[np.newaxis]
        for layer in layers:
            values = np.asarray(layer(values))
        return values

    return run


def _rescaling(scale: float, offset: float = 0.0) -> Callable[[Any], Any]:
    def layer(values: Any) -> Any:
        import keras

        return keras.layers.Rescaling(scale, offset)(values)

    return layer


def _normalization(mean: float, variance: float) -> Callable[[Any], Any]:
    def layer(values: Any) -> Any:
        import keras

        return keras.layers.Normalization(mean=mean, variance=variance)(values)

    return layer


def _resizing(**options: Any) -> Callable[[Any], Any]:
    def layer(values: Any) -> Any:
        import keras

        return keras.layers.Resizing(*_SIZE, **options)(values)

    return layer


def _tensorflow(method: str, *, antialias: bool) -> Callable[[Array], Array]:
    def run(image: Array) -> Array:
        import tensorflow as tf

        resized = tf.image.resize(np.atleast_3d(image), _SIZE, method, antialias=antialias)
        return np.asarray(resized) / np.float32(255)

    return run


def _with_pad(image: Array) -> Array:
    import tensorflow as tf

    return (
        np.asarray(tf.image.resize_with_pad(np.atleast_3d(image), 36, 36)) / np.float32(127.5) - 1
    )


def _per_image(image: Array) -> Array:
    import tensorflow as tf

    resized = tf.image.resize(image, _SIZE)
    return np.asarray(tf.image.per_image_standardization(resized))


def _load_img(image: Array) -> Array:
    """``load_img`` with its default, nearest, then ``img_to_array``."""
    import tempfile

    import keras

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image.png"
        Image.fromarray(image).save(path)
        loaded = keras.utils.load_img(path, target_size=_SIZE)
        return np.asarray(keras.utils.img_to_array(loaded))[np.newaxis]


def _generator(**options: Any) -> Callable[[Array], Array]:
    """``ImageDataGenerator.standardize`` of an image that load_img read."""

    def run(image: Array) -> Array:
        from keras.src.legacy.preprocessing.image import ImageDataGenerator

        return np.asarray(ImageDataGenerator(**options).standardize(_load_img(image)[0]))

    return run


def _pillow(image: Array) -> Array:
    gray = Image.fromarray(image).convert("L").resize(_SIZE[::-1], Image.Resampling.LANCZOS)
    return np.asarray(gray) / 255.0


def _pillow_pad(image: Array) -> Array:
    padded = ImageOps.pad(Image.fromarray(image), (36, 36), Image.Resampling.BICUBIC)
    return np.asarray(padded, np.float32) / 255.0


def _pillow_equalized(image: Array) -> Array:
    return np.asarray(ImageOps.equalize(Image.fromarray(image)), np.float32) / 255.0


def _pillow_turned(image: Array) -> Array:
    """EXIF orientation applied, here of a photograph turned clockwise."""
    turned = Image.fromarray(image).transpose(Image.Transpose.ROTATE_270)
    return np.asarray(turned.resize((28, 32), Image.Resampling.BILINEAR), np.float32)


def _scikit_image(*, anti_aliasing: bool) -> Callable[[Array], Array]:
    def run(image: Array) -> Array:
        from skimage.transform import resize

        return np.asarray(resize(image, _SIZE, anti_aliasing=anti_aliasing))

    return run


def _scikit_image_gray(image: Array) -> Array:
    from skimage.color import rgb2gray
    from skimage.transform import resize

    return np.asarray(resize(rgb2gray(image), _SIZE, anti_aliasing=True))


def _scikit_image_clahe(image: Array) -> Array:
    from skimage.exposure import equalize_adapthist
    from skimage.transform import resize

    return np.asarray(equalize_adapthist(resize(image, (64, 56), anti_aliasing=True)))


def _xrv(image: Array) -> Array:
    """``torchxrayvision.datasets.normalize(image, 255)``, then a channel axis."""
    return ((2 * (image.astype(np.float32) / 255.0) - 1.0) * 1024)[np.newaxis]


INSTALLED_LIBRARIES: tuple[LibraryPipeline, ...] = (
    LibraryPipeline("Keras", "preprocess_input(mode='tf')", True, _preprocessed("tf"),
                    {"channels": "RGB", "scale": "signed", "kernel": None}),
    LibraryPipeline("Keras", "preprocess_input(mode='torch')", True, _preprocessed("torch"),
                    {"channels": "RGB", "scale": "imagenet", "kernel": None}),
    LibraryPipeline("Keras", "preprocess_input(mode='caffe')", True, _preprocessed("caffe"),
                    {"channels": "BGR", "scale": "caffe", "kernel": None}),
    LibraryPipeline("Keras", "Rescaling(1/255)", False, _layered(_rescaling(1 / 255)),
                    {"layout": "NHWC", "channels": "single", "scale": "unit"}),
    LibraryPipeline("Keras", "Rescaling(1/127.5, -1)", True, _layered(_rescaling(1 / 127.5, -1.0)),
                    {"channels": "RGB", "scale": "signed"}),
    LibraryPipeline("Keras", "Rescaling(1/255) twice", False,
                    _layered(_rescaling(1 / 255), _rescaling(1 / 255)), {"scale": "unit-twice"}),
    LibraryPipeline("Keras", "Rescaling(1/255), Normalization(0.48, 0.05)", False,
                    _layered(_rescaling(1 / 255), _normalization(0.48, 0.05)),
                    {"scale": "dataset"}),
    LibraryPipeline("Keras", "Resizing(32, 28)", True, _layered(_resizing()),
                    {"fit": "stretch", "kernel": "bilinear", "scale": "byte"}),
    LibraryPipeline("Keras", "Resizing(crop_to_aspect_ratio=True)", False,
                    _layered(_resizing(crop_to_aspect_ratio=True)),
                    {"fit": "crop", "kernel": "bilinear"}),
    LibraryPipeline("Keras", "Resizing(antialias=True), Rescaling(1/255)", False,
                    _layered(_resizing(antialias=True), _rescaling(1 / 255)),
                    {"kernel": "bilinear-antialiased", "scale": "unit"}),
    LibraryPipeline("Keras", "Resizing(interpolation='bicubic')", False,
                    _layered(_resizing(interpolation="bicubic")), {"kernel": "bicubic"}),
    LibraryPipeline("Keras", "load_img(target_size), img_to_array", True, _load_img,
                    {"layout": "NHWC", "channels": "RGB", "kernel": "nearest-pillow",
                     "scale": "byte"}),
    LibraryPipeline("Keras", "ImageDataGenerator(rescale=1/255)", True,
                    _generator(rescale=1 / 255), {"kernel": "nearest-pillow", "scale": "unit"}),
    LibraryPipeline("Keras", "ImageDataGenerator(samplewise_center, samplewise_std_normalization)",
                    True, _generator(samplewise_center=True, samplewise_std_normalization=True),
                    {"kernel": "nearest-pillow", "scale": "zscore"}),
    LibraryPipeline("TensorFlow", "tf.image.resize / 255", True,
                    _tensorflow("bilinear", antialias=False),
                    {"kernel": "bilinear", "scale": "unit"}),
    LibraryPipeline("TensorFlow", "tf.image.resize(antialias=True) / 255", True,
                    _tensorflow("bilinear", antialias=True), {"kernel": "bilinear-antialiased"}),
    LibraryPipeline("TensorFlow", "tf.image.resize('area')", False,
                    _tensorflow("area", antialias=False), {"kernel": "area"}),
    LibraryPipeline("TensorFlow", "tf.image.resize('lanczos3', antialias=True)", False,
                    _tensorflow("lanczos3", antialias=True), {"kernel": "lanczos-antialiased"}),
    LibraryPipeline("TensorFlow", "tf.image.resize('nearest')", False,
                    _tensorflow("nearest", antialias=False), {"kernel": "nearest"}),
    LibraryPipeline("TensorFlow", "resize_with_pad / 127.5 - 1", False, _with_pad,
                    {"fit": "pad", "padding": 0.0, "scale": "signed"}),
    LibraryPipeline("TensorFlow", "per_image_standardization", True, _per_image,
                    {"scale": "zscore", "channels": "RGB"}),
    LibraryPipeline("Pillow", "convert('L').resize(LANCZOS) / 255", True, _pillow,
                    {"layout": "HW", "planes": ["luma-bytes"], "kernel": "lanczos-antialiased",
                     "rounding": "pillow", "scale": "unit"}),
    LibraryPipeline("Pillow", "ImageOps.pad(BICUBIC) / 255", False, _pillow_pad,
                    {"fit": "pad-pillow", "kernel": "bicubic-antialiased", "rounding": "pillow"}),
    LibraryPipeline("Pillow", "ImageOps.equalize / 255", False, _pillow_equalized,
                    {"contrast": "equalize-pillow", "scale": "unit"}),
    LibraryPipeline("Pillow", "ImageOps.exif_transpose, resize(BILINEAR)", True, _pillow_turned,
                    {"orientation": "turned clockwise", "rounding": "pillow", "scale": "byte"}),
    LibraryPipeline("scikit-image", "transform.resize(anti_aliasing=True)", True,
                    _scikit_image(anti_aliasing=True), {"kernel": "gaussian", "scale": "unit"}),
    LibraryPipeline("scikit-image", "transform.resize(anti_aliasing=False)", False,
                    _scikit_image(anti_aliasing=False), {"kernel": "bilinear", "scale": "unit"}),
    LibraryPipeline("scikit-image", "rgb2gray, transform.resize", True, _scikit_image_gray,
                    {"planes": ["luma-709"], "kernel": "gaussian"}),
    LibraryPipeline("scikit-image", "transform.resize, equalize_adapthist", False,
                    _scikit_image_clahe, {"contrast": "clahe", "contrast_when": "after"}),
    LibraryPipeline("TorchXRayVision", "normalize(image, 255)", False, _xrv,
                    {"layout": "CHW", "scale": "xrv"}),
)  # fmt: skip
