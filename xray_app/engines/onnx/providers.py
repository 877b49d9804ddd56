"""What ONNX Runtime can run on here."""

from typing import Any

_CUDA = "CUDAExecutionProvider"
# TF32 would round every factor to ten bits: another machine must not give another answer.
_CUDA_OPTIONS = {"use_tf32": "0"}


def has_gpu_runtime() -> bool:
    """Whether this build of ONNX Runtime can use a GPU; the pinned one can't."""
    import onnxruntime as ort

    return _CUDA in ort.get_available_providers()


def providers() -> list[Any]:
    """A GPU where this build can use one, and the processor, for ``InferenceSession``."""
    gpu = [(_CUDA, _CUDA_OPTIONS)] if has_gpu_runtime() else []
    return [*gpu, "CPUExecutionProvider"]
