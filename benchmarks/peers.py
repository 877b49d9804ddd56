"""The ways to compare with: the textbook Keras way, and the same in a traced ``tf.function``."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from xray_app.cards import ModelCard
from xray_app.engines.keras import load_from_card

MINIMAL_SCRIPT = """
import sys, numpy as np
from PIL import Image
import keras
size = int(sys.argv[3])
base = keras.applications.EfficientNetB4(
    weights=None, include_top=False, pooling="avg", input_shape=(size, size, 3))
x = keras.layers.Dropout(0.4)(base.output)
model = keras.Model(base.input, keras.layers.Dense(3, activation="softmax")(x))
model.load_weights(sys.argv[1])
image = np.asarray(Image.open(sys.argv[2]).convert("RGB").resize((size, size)), "float32")
print(model.predict(image[None], verbose=0))
"""


def decode(data: bytes, card: ModelCard) -> np.ndarray:
    """What a demo does: Pillow, RGB, the model's size, float32, a batch of one."""
    image = (
        Image.open(io.BytesIO(data)).convert("RGB").resize((card.input.width, card.input.height))
    )
    return np.asarray(image, np.float32)[np.newaxis]


def textbook(card: ModelCard, weights: Path) -> Callable[[bytes], Any]:
    """``model.predict`` and Keras' Grad-CAM example: an eager ``GradientTape``."""
    import keras
    import tensorflow as tf

    model = load_from_card(card, weights)
    last = model.get_layer("top_activation").output
    grad_model = keras.Model(model.input, [last, model.output])

    def run(data: bytes) -> Any:
        batch = decode(data, card)
        probabilities = tf.nn.softmax(model.predict(batch, verbose=0)).numpy()
        with tf.GradientTape() as tape:
            activations, logits = grad_model(batch)
            logit = logits[:, int(probabilities.argmax())]
        weights = tf.reduce_mean(tape.gradient(logit, activations), axis=(0, 1, 2))
        heat = tf.maximum(activations[0] @ weights[..., tf.newaxis], 0)
        return probabilities, heat.numpy(), np.histogram(batch, 128)

    return run


def traced(card: ModelCard, weights: Path) -> Callable[[bytes], Any]:
    """One ``tf.function``, traced once: decode, predict, Grad-CAM and one histogram.

    This is less than a diagnosis does, which finds the body, judges by the gate, compares with
    training and counts three histograms at the file's full depth, too: ``TensorFlowEngine``, whose
    passes are traced functions, does the same.
    """
    import keras
    import tensorflow as tf

    model = load_from_card(card, weights)
    last = model.get_layer("top_activation").output
    grad_model = keras.Model(model.input, [last, model.output])

    @tf.function(
        input_signature=[tf.TensorSpec([1, card.input.height, card.input.width, 3], tf.float32)]
    )
    def both(batch: Any) -> Any:
        with tf.GradientTape() as tape:
            activations, logits = grad_model(batch, training=False)
            logit = tf.reduce_max(logits, axis=1)
        weights = tf.reduce_mean(tape.gradient(logit, activations), axis=(0, 1, 2))
        return tf.nn.softmax(logits), tf.maximum(activations[0] @ weights[..., tf.newaxis], 0)

    def run(data: bytes) -> Any:
        batch = decode(data, card)
        return *(t.numpy() for t in both(batch)), np.histogram(batch, 128)

    return run
