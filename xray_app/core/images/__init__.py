"""Images in the display domain: resize, correct, colour, count, encode.

Knows pixels only: not where they come from, and not what a model makes of them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
