"""With numpy and Pillow, exactly; for ONNX Runtime, and where another library has no such step."""

from collections.abc import Iterator

from xray_app.pipeline.code import import_code, resize_code, scale_code
from xray_app.pipeline.contracts.contract import InputContract
from xray_app.pipeline.contrast_code import contrast_code
from xray_app.pipeline.snippets.placing_code import placing_code
from xray_app.pipeline.snippets.snippet import FILE, Snippet, snippet
from xray_app.pipeline.steps.contrast import contrast_after

_SOURCES = {"R": "image[..., 0]", "G": "image[..., 1]", "B": "image[..., 2]"}


def numpy_snippet(contract: InputContract) -> Snippet:
    """Numpy and Pillow alone."""
    return snippet("numpy", contract, array_lines(contract))


def onnx_runtime_snippet(contract: InputContract) -> Snippet:
    """The same, into a session of ONNX Runtime."""
    lines = [
        "import onnxruntime",
        *array_lines(contract),
        'session = onnxruntime.InferenceSession("model.onnx")',
        "outputs = session.run(None, {session.get_inputs()[0].name: tensor})",
    ]
    return snippet("onnxruntime", contract, lines)


def array_lines(contract: InputContract) -> list[str]:
    """Lines that make ``tensor``, float32 in the contract's layout."""
    body = list(_body(contract))
    mode = "RGB" if contract.channels > 1 else "L"
    imports = import_code("\n".join(body))
    if "from PIL import Image" not in imports:
        imports.append("from PIL import Image")
    read = f'image = np.asarray(Image.open("{FILE}").convert("{mode}"))'
    return [*imports, "", read, "", *body]


def _body(contract: InputContract) -> Iterator[str]:
    is_padded = bool(placing_code(contract).margins)
    yield from ("", f"def plane(x{', beside' if is_padded else ''}):")
    for line in _plane(contract):
        yield f"    {line}"
    yield from ("    return x", "", "")
    sources = [_SOURCES[name] for name in contract.order] if contract.channels > 1 else ["image"]
    beside = contract.padding * len(sources) if len(contract.padding) == 1 else contract.padding
    values = [f", {value:.7g}" if is_padded else "" for value in beside]
    planes = [f"plane({s}{value})" for s, value in zip(sources, values, strict=True)]
    yield f"tensor = np.stack([{', '.join(planes)}])"
    if contract.scale is not None:
        yield from scale_code(contract.scale)
    if contract.layout == "NHWC":
        yield "tensor = tensor.transpose(1, 2, 0)"
    yield "tensor = tensor[np.newaxis].astype(np.float32)"


def _plane(contract: InputContract) -> Iterator[str]:
    placing = placing_code(contract)
    yield "x = x / 255"
    yield from placing.before
    yield from resize_code(
        contract.sampling, contract.rounding, placing.height, placing.width
    )  # fmt: skip
    yield from placing.after
    if placing.margins:
        yield from placing.margins
        yield f"whole = np.full(({contract.height}, {contract.width}), beside, np.float32)"
        yield "whole[top : top + x.shape[0], left : left + x.shape[1]] = x"
        yield "x = whole"
    if contract.contrast != "none":
        yield from contrast_code(contrast_after(contract.contrast)).split("\n    ")


def borrowed(
    library: str, contract: InputContract, import_line: str, last: str, why: str
) -> Snippet:
    """The numpy lines with a last one that hands the tensor to a library without such a step.

    Args:
        library: a key of ``SNIPPETS``.
        contract: a whole one.
        import_line: of the library.
        last: the line that turns ``tensor`` into the library's own.
        why: which step the library lacks; said in a comment, since the tensor is exact.
    """
    lines = [f"# {why}: that is numpy's and Pillow's here.", import_line, *array_lines(contract)]
    return snippet(library, contract, [*lines, last])
