"""Is image normalization really necessary? Answered on a chest radiograph, by measurement.

``import xray_app as xa`` for notebooks and scripts; what there is, docs/api.md tells.
"""

import os

import lazy_loader

__version__ = "0.1.0"

# ONNX Runtime sends events to its maker unless it is told not to before it is loaded (its
# Privacy.md); processes that this one starts inherit the setting.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
