"""Numbers, fixed sentences and tables as text, alike wherever people read them.

Knows how a thing is written; what is worth saying is told by the rooms above.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
