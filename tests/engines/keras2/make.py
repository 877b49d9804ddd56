"""Makes the models beside it, with TensorFlow 2.15.1 (Keras 2), in an environment of its own.

    python tests/engines/keras2/make.py

Each is as small as its kind can be; ``answers.json`` holds what Keras 2 itself predicts for
``images(shape)``. Random weights from a fixed seed, no image in them.
"""

import json
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow import keras

FOLDER = Path(__file__).parent
SIDE = 16
layers = keras.layers


def images(shape: tuple[int, ...]) -> np.ndarray:
    """Two images of bytes."""
    return np.random.RandomState(1).uniform(0.0, 255.0, (2, *shape)).astype(np.float32)


def classified(inputs, x, classes: int = 3):
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(2, 3)(x))
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(x))


def divided():
    inputs = keras.Input((SIDE, SIDE, 3))
    return classified(inputs, inputs / 255.0 * 2 - 1)


def cast_and_clipped():
    inputs = keras.Input((SIDE, SIDE, 3))
    x = tf.math.divide(tf.cast(inputs, tf.float32), 255.0)
    return classified(inputs, tf.clip_by_value(x, 0.1, 0.9))


def caffe():
    inputs = keras.Input((SIDE, SIDE, 3))
    return classified(inputs, keras.applications.resnet50.preprocess_input(inputs))


def sliced():
    inputs = keras.Input((SIDE, SIDE, 3))
    return classified(inputs, inputs[..., ::-1] - [103.939, 116.779, 123.68])


def batch_norm():
    inputs = keras.Input((SIDE, SIDE, 3))
    x = layers.BatchNormalization()(layers.DepthwiseConv2D(3)(inputs))
    x = layers.SeparableConv2D(2, 3)(layers.ReLU(max_value=6.0)(x))
    return classified(inputs, layers.LeakyReLU(alpha=0.1)(x))


def augmented():
    augment = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.1)])
    inputs = keras.Input((SIDE, SIDE, 3))
    return classified(inputs, layers.Rescaling(1 / 127.5, offset=-1)(augment(inputs)))


def adapted():
    normalization = layers.Normalization()
    normalization.adapt(images((SIDE, SIDE, 3)))
    inputs = keras.Input((SIDE, SIDE, 3))
    return classified(inputs, normalization(inputs))


def gray():
    inputs = keras.Input((SIDE, SIDE, 1))
    return classified(inputs, layers.Rescaling(1 / 255)(layers.Concatenate()([inputs] * 3)))


def slashes():
    inputs = keras.Input((SIDE, SIDE, 3), name="in/put")
    x = layers.Conv2D(2, 3, name="block/conv")(inputs)
    return keras.Model(inputs, layers.Dense(3, name="top")(layers.GlobalMaxPooling2D()(x)))


def attention():
    inputs = keras.Input((SIDE, SIDE, 3))
    x = layers.Conv2D(2, 3)(inputs)
    weights = layers.Dense(2, activation="sigmoid")(layers.GlobalAveragePooling2D(keepdims=True)(x))
    x = tf.reduce_mean(tf.nn.relu(layers.Multiply()([x, weights]) + x), axis=[1, 2])
    return keras.Model(inputs, layers.Dense(2, activation="softmax")(x))


def nested():
    inputs = keras.Input((SIDE, SIDE, 3))
    backbone = keras.Model(inputs, layers.Conv2D(2, 3)(layers.Rescaling(1 / 255)(inputs)))
    return keras.Sequential([backbone, layers.GlobalAveragePooling2D(), layers.Dense(2)])


MODELS = {
    "divided": (divided, ("keras", "h5")),
    "cast_and_clipped": (cast_and_clipped, ("keras",)),
    "caffe": (caffe, ("h5",)),
    "sliced": (sliced, ("h5",)),
    "batch_norm": (batch_norm, ("keras", "h5")),
    "augmented": (augmented, ("keras", "h5")),
    "adapted": (adapted, ("keras", "h5")),
    "gray": (gray, ("h5",)),
    "slashes": (slashes, ("keras", "h5")),
    "attention": (attention, ("keras",)),
    "nested": (nested, ("keras", "h5")),
}


def main() -> None:
    answers = {}
    for name, (make, suffixes) in MODELS.items():
        keras.backend.clear_session()
        keras.utils.set_random_seed(1)
        model = make()
        answers[name] = model.predict(images(model.input_shape[1:]), verbose=0).tolist()
        for suffix in suffixes:
            model.save(FOLDER / f"{name}.{suffix}")
    (FOLDER / "answers.json").write_text(json.dumps(answers, indent=1) + "\n")


if __name__ == "__main__":
    main()
