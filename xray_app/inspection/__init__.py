"""Any model taken apart: its layers measured, the scheme that they are made for, what is wrong.

Knows models, a person's own as well; no pages.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
