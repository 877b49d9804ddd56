"""Is image normalization really necessary? Answered on a chest radiograph, by measurement."""

import os

__version__ = "0.1.0"

# ONNX Runtime sends events to its maker unless it is told not to before it is loaded (its
# Privacy.md); processes that this one starts inherit the setting.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
