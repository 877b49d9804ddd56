"""Two models on one radiograph: their contracts in one table, and what they disagree on."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
