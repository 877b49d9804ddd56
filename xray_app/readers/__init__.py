"""Bytes to a ``Radiograph``: every format, by content, at full bit depth, with its trail.

Files of strangers are decoded in the sandbox. It knows no model: the same pixels come out whatever
is done with them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
