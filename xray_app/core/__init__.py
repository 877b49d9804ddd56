"""Records, errors, and figures of a classifier: what every room speaks of.

Arrays in, arrays out, numpy alone. It imports no other room and knows no file format, no model and
no page.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
