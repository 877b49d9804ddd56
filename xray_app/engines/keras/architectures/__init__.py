"""Architectures by name: their builders, and published ImageNet weights where they ship.

Knows no data and no scheme; nothing that came with a weights file is ever executed.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
