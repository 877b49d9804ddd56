"""One result as a document that others read.

Gathers the content once; each form lays it out.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
