"""What a measured model takes and gives, and which heatmaps it allows, in sentences."""

from xray_app.engines import ModelFacts

_ORDERS = {
    "RGB": "red first, by the mean that it subtracts",
    "BGR": "blue first, by the mean that it subtracts",
    "gray": "gray",
    None: "the order of colours can't be told, and is all the same for a gray radiograph",
}
_OUTPUTS = {
    "logits": "figures without a bound (logits)",
    "softmax": "probabilities that add up to 1",
    "sigmoid": "a probability of its own for each class (sigmoid)",
    None: "figures of a kind that can't be told",
}


def takes_sentence(facts: ModelFacts) -> str:
    """The input's layout, type and order of channels, and the kind of the output."""
    height, width, channels = ("any" if n is None else str(n) for n in facts.input_shape)
    sides = (channels, height, width) if facts.layout == "NCHW" else (height, width, channels)
    return (
        f"Takes (N, {', '.join(sides)}) {facts.input_dtype}, channels "
        f"{'first' if facts.layout == 'NCHW' else 'last'}, {_ORDERS[facts.channel_order]}; gives "
        f"{_OUTPUTS[facts.output_kind]}."
    )


def quantization_sentence(facts: ModelFacts) -> str | None:
    """How a whole-number input is filled; None for any other."""
    stored = facts.quantization
    if stored is None:
        return None
    low, high = stored.ends
    return (
        f"The input is stored as {stored.dtype} with scale {stored.scale:.6g} and zero point "
        f"{stored.zero_point}: stored = value / {stored.scale:.6g} + {stored.zero_point}, rounded, "
        f"for values from {low:.4g} to {high:.4g}. "
        + (
            f"Bytes{' less 128' if stored.dtype == 'int8' else ''} are what is stored."
            if stored.takes_bytes
            else "Numbers put in without that are another image."
        )
    )


def maps_sentence(facts: ModelFacts) -> str | None:
    """Which heatmaps fit; None where it was not asked, as for Keras, which gives gradients."""
    if facts.maps is None or facts.file_format not in {"onnx", "tflite"}:
        return None
    passes = "in many passes"
    if facts.pass_ms:
        took = f"about {facts.pass_ms:.0f} ms" if facts.pass_ms >= 1.0 else "under 1 ms"
        passes = f"one pass takes {took}"
    if facts.maps == "exact":
        exactly = "to the rounding of whole numbers" if "int8" in facts.dtypes else "exactly"
        return (
            "Heatmaps: the network ends with global average pooling and a dense layer, so class "
            f"activation maps follow from its weights, {exactly}."
        )
    if facts.maps == "maps":
        return (
            "Heatmaps: the network ends in another way than global average pooling and a dense "
            "layer, and the file gives no gradients, so no quick method fits; Score-CAM, occlusion "
            f"and RISE do ({passes})."
        )
    return (
        "Heatmaps: the network ends without feature maps, as transformers do, and the file gives "
        f"no gradients, so no class activation map fits; occlusion and RISE do ({passes})."
    )
