"""A loaded model behind one protocol, and the catalogue of models that are there.

The only room, with training, that imports a runtime. Model inputs go in and numpy comes out; it
knows no file format and judges nothing.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
