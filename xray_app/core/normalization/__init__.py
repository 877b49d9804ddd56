"""Schemes, a contrast step and a scale step each, and the contract that a model's input keeps.

Knows images in the display domain [0, 1] and the arrays made from them; no model, no card.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
