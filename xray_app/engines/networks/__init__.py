"""A stranger's network, ONNX or TFLite: checked before it is loaded, measured, and asked.

All of it runs in a child process under limits; only the room's ``worker`` is for the caller's side.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
