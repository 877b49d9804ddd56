"""``tf.image``, and Keras' own functions, which do the same on its TensorFlow backend.

On its PyTorch backend bicubic without antialiasing has the constant -0.75, and there is no Lanczos
(Keras 3.15, ``backend/torch/image.py``).
"""

from collections.abc import Callable, Iterator

from xray_app.pipeline.contracts.contract import InputContract
from xray_app.pipeline.snippets.arrays import borrowed
from xray_app.pipeline.snippets.placing_code import placing_code
from xray_app.pipeline.snippets.snippet import FILE, Snippet, numbers, snippet
from xray_app.pipeline.snippets.words import AS_FLOATS

# By sampling, the name in tf.image.resize and whether it is antialiased; Keras has the first two
# of lanczos3 only, and no area.
_KERNELS = {
    "bilinear": ("bilinear", False), "bilinear-antialiased": ("bilinear", True),
    "bicubic": ("bicubic", False), "bicubic-antialiased": ("bicubic", True),
    "lanczos": ("lanczos3", False), "lanczos-antialiased": ("lanczos3", True),
    "nearest": ("nearest", False), "nearest-pillow": ("nearest", False), "area": ("area", False),
}  # fmt: skip
_ON_TENSORFLOW = (
    "# On Keras' TensorFlow backend: PyTorch's has another bicubic kernel and no Lanczos."
)
_NEAREST = "steps from pixel to pixel otherwise than Pillow: a few of the nearest pixels differ."


def tf_image_snippet(contract: InputContract) -> Snippet:
    """``tf.image.resize`` and arithmetic."""
    lacking = _lacking(contract, "tf.image")
    if lacking:
        last = "tensor = tf.constant(tensor)"
        return borrowed("tf.image", contract, "import tensorflow as tf", last, lacking)
    channels = 3 if contract.channels > 1 else 1
    read = f'tf.io.decode_png(tf.io.read_file("{FILE}"), {channels})'
    lines = [
        "import tensorflow as tf",
        "",
        f"x = tf.cast({read}, tf.float32)",
        *_placed(contract, _by_tf, "tf.pad(x, {margins}, constant_values={value})"),
        *_scaled(contract),
        "tensor = x[tf.newaxis]",
    ]
    if contract.layout == "NCHW":
        lines.append("tensor = tf.transpose(tensor, (0, 3, 1, 2))  # channels first")
    return snippet("tf.image", contract, lines, _departures(contract, "tf.image"))


def keras_snippet(contract: InputContract) -> Snippet:
    """``load_img``, ``keras.ops.image.resize`` and a ``Rescaling`` layer."""
    lacking = _lacking(contract, "Keras")
    if lacking or contract.sampling == "area":
        last = "tensor = keras.ops.convert_to_tensor(tensor)"
        why = lacking or "Keras has no kernel like 'mean over the area'"
        return borrowed("keras", contract, "import keras", last, why)
    mode = "rgb" if contract.channels > 1 else "grayscale"
    lines = [
        *([_ON_TENSORFLOW] if contract.sampling.startswith(("bicubic", "lanczos")) else []),
        "import keras",
        "",
        f'x = keras.utils.img_to_array(keras.utils.load_img("{FILE}", color_mode="{mode}"))',
        *_placed(contract, _by_keras, "keras.ops.pad(x, {margins}, constant_values={value})"),
        *_scaled_by_layer(contract),
        "tensor = keras.ops.expand_dims(x, 0)",
    ]
    if contract.layout == "NCHW":
        lines.append("tensor = keras.ops.transpose(tensor, (0, 3, 1, 2))  # channels first")
    return snippet("keras", contract, lines, _departures(contract, "Keras"))


def _lacking(contract: InputContract, library: str) -> str:
    if contract.contrast != "none":
        return f"{library} has no contrast step like '{contract.contrast}'"
    if contract.sampling not in _KERNELS:
        return f"{library} has no kernel like '{contract.sampling_text}'"
    if len(set(contract.padding)) > 1:
        return f"{library} pads all channels with one value"
    return ""


def _departures(contract: InputContract, library: str) -> list[str]:
    found = []
    if contract.rounding:
        found.append(f"{library} {AS_FLOATS}")
    if contract.sampling == "nearest-pillow":
        found.append(f"{library} {_NEAREST}")
    return found


def _by_tf(contract: InputContract, height: str, width: str) -> str:
    method, antialias = _KERNELS[contract.sampling]
    return f'tf.image.resize(x, ({height}, {width}), method="{method}", antialias={antialias})'


def _by_keras(contract: InputContract, height: str, width: str) -> str:
    method, antialias = _KERNELS[contract.sampling]
    size = f"({height}, {width})"
    return (
        "keras.ops.image.resize(\n"
        f'    x, {size}, interpolation="{method}", antialias={antialias},\n'
        '    data_format="channels_last",\n)'
    )


def _placed(
    contract: InputContract, resize: Callable[[InputContract, str, str], str], pad: str
) -> Iterator[str]:
    placing = placing_code(contract)
    yield from placing.before
    yield f"x = {resize(contract, placing.height, placing.width)}"
    yield from placing.after
    if placing.margins:
        yield from placing.margins
        rows = f"[top, {contract.height} - x.shape[0] - top]"
        columns = f"[left, {contract.width} - x.shape[1] - left]"
        margins = f"[{rows}, {columns}, [0, 0]]"
        yield f"x = {pad.format(margins=margins, value=f'{255 * contract.padding[0]:.9g}')}"


def _scaled(contract: InputContract) -> Iterator[str]:
    scale = contract.scale
    if contract.order == "BGR":
        yield "x = x[..., ::-1]  # RGB to BGR"
    if scale is not None and scale.is_per_image:
        yield "x = tf.image.per_image_standardization(x)"
    elif scale is not None:
        if any(gain != 255.0 for gain in scale.gain):
            yield f"x = x * {numbers(gain / 255 for gain in scale.gain)}"
        if any(scale.offset):
            yield f"x = x + {numbers(scale.offset)}"


def _scaled_by_layer(contract: InputContract) -> Iterator[str]:
    scale = contract.scale
    if contract.order == "BGR":
        yield "x = x[..., ::-1]  # RGB to BGR"
    if scale is not None and scale.is_per_image:
        yield "x = (x - keras.ops.mean(x)) / keras.ops.std(x)"
    elif scale is not None and (set(scale.gain), set(scale.offset)) != ({255.0}, {0.0}):
        gain = numbers(gain / 255 for gain in scale.gain)
        yield f"x = keras.layers.Rescaling({gain}, {numbers(scale.offset)})(x)"
