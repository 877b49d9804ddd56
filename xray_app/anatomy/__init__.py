"""Where the lungs are in a radiograph, and how much of a heatmap's evidence lies in them.

A room on its own, above engines and explanations: it knows images and maps, not what is said of
them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
