"""Write lite_models.npz: a small Keras classifier of [-1, 1] as TFLite, also of any size.

Run by hand, ``python tests/engines/make_lite_models.py``; converting takes half a minute, so tests
read what it wrote. The file there now is of TensorFlow 2.21.0 and Keras 3.15.1.
"""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

CLASSES = 3


def made(side: int | None) -> keras.Model:
    layers = keras.layers
    image = keras.Input((side, side, 3), batch_size=1)
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(image)
    x = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    x = layers.Dense(CLASSES, name="head")(layers.GlobalAveragePooling2D()(x))
    return keras.Model(image, layers.Softmax()(x))


def main() -> None:
    keras.utils.set_random_seed(1)
    model, any_size = made(32), made(None)
    any_size.set_weights(model.get_weights())
    rng = np.random.default_rng(0)
    samples = [rng.uniform(-1, 1, (1, 32, 32, 3)).astype(np.float32) for _ in range(20)]
    samples[0][:] = -1.0
    samples[1][:] = 1.0
    found = {
        "kernel": np.asarray(model.get_layer("head").kernel),
        "image": samples[5],
        "answer": np.asarray(model(samples[5])),
    }
    larger = np.tile(samples[5], (1, 2, 2, 1))[:, :48, :40]
    found["larger_answer"] = np.asarray(any_size(larger))
    for kind in ("float", "free", "uint8", "int8"):
        source = any_size if kind == "free" else model
        converter = tf.lite.TFLiteConverter.from_keras_model(source)
        if kind in ("uint8", "int8"):
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: ([sample] for sample in samples)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            whole = getattr(tf, kind)
            converter.inference_input_type = converter.inference_output_type = whole
        found[kind] = np.frombuffer(converter.convert(), np.uint8)
    np.savez_compressed(Path(__file__).with_name("lite_models.npz"), **found)


if __name__ == "__main__":
    main()
