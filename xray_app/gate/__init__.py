"""The gate: may the model be asked about this image at all?

It judges the image as trained, never through the chosen scheme.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
