"""The frozen records that pass from room to room; arrays in them are read-only.

Symbols used in shapes: N images, H x W pixels, C channels, K classes.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
