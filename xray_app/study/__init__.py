"""A study's results: records, the conclusion that follows from them, and its text.

Read without Keras; training makes them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
