"""Every library that lines can be had for."""

from collections.abc import Callable
from dataclasses import replace

from xray_app.core import InputError, UnknownChoice
from xray_app.pipeline.contracts.contract import InputContract
from xray_app.pipeline.snippets.arrays import numpy_snippet, onnx_runtime_snippet
from xray_app.pipeline.snippets.hugging_face_code import hugging_face_snippet
from xray_app.pipeline.snippets.opencv_code import opencv_snippet
from xray_app.pipeline.snippets.snippet import Snippet
from xray_app.pipeline.snippets.tensorflow_code import keras_snippet, tf_image_snippet
from xray_app.pipeline.snippets.timm_code import timm_snippet
from xray_app.pipeline.snippets.torch_code import torchvision_snippet

# By name, what people call it and what writes the lines. To add one, write a function and a row.
SNIPPETS: dict[str, tuple[str, Callable[[InputContract], Snippet]]] = {
    "keras": ("Keras", keras_snippet),
    "torchvision": ("PyTorch, torchvision", torchvision_snippet),
    "timm": ("timm", timm_snippet),
    "hugging-face": ("Hugging Face", hugging_face_snippet),
    "tf.image": ("tf.image", tf_image_snippet),
    "opencv": ("OpenCV", opencv_snippet),
    "onnxruntime": ("ONNX Runtime", onnx_runtime_snippet),
    "numpy": ("numpy and Pillow", numpy_snippet),
}
ASSUMED = "Not stated, so taken here: {}."


def input_code(contract: InputContract, library: str) -> Snippet:
    """The lines that feed a model as its contract says.

    Args:
        contract: size and values are stated; where fit or kernel are not, the image is stretched,
            bilinear and antialiased, and a comment says so.
        library: a key of ``SNIPPETS``.

    Raises:
        UnknownChoice: there is no such library.
        InputError: the contract does not state the input's size, or the values.

    >>> from xray_app.core.images import Geometry
    >>> from xray_app.pipeline.contracts.cards import contract_of
    >>> code = input_code(contract_of("a test", Geometry(224, 224), "rescale"), "torchvision").code
    >>> "v2.Resize((224, 224), InterpolationMode.BILINEAR, antialias=True)" in code
    True
    """
    if library not in SNIPPETS:
        raise UnknownChoice.of("library", library, SNIPPETS)
    if not contract.height or not contract.width:
        raise InputError(
            f"The input's size is not stated by {contract.source}, so no lines can be written; "
            "give a declaration or a card that states it."
        )
    if contract.scale is None:
        raise InputError(
            f"The values that the model takes are not stated by {contract.source}, so no lines can "
            "be written; give a declaration or a card that states them."
        )
    whole, assumed = completed(contract)
    written = SNIPPETS[library][1](whole)
    if assumed:
        comment = f"# {ASSUMED.format(', '.join(assumed))}\n"
        return replace(written, code=comment + written.code)
    return written


def completed(contract: InputContract) -> tuple[InputContract, tuple[str, ...]]:
    """The contract with a fit and a kernel, and what was taken for those that it doesn't state."""
    assumed = []
    if not contract.fit:
        contract = replace(contract, fit="stretch", number=0.0)
        assumed.append("stretched")
    if not contract.sampling:
        contract = replace(contract, sampling="bilinear-antialiased", rounding="")
        assumed.append("bilinear, antialiased")
    return contract, tuple(assumed)
