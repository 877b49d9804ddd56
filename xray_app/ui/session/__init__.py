"""What is kept for a visitor between script runs, and whose turn it is."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
