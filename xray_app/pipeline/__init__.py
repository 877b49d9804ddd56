"""What a pipeline did: from an image and the tensor that came of it, found by search.

Knows images, kernels, contrast and scale steps, and what a card declares; no engine, no page.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
