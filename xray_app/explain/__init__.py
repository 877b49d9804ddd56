"""Heatmaps from activations and gradients, how alike two are, and where in the body they point.

Plain numpy on arrays that an engine gave; it knows no engine.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
