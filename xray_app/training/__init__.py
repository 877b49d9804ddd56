"""Fit models under one scheme or, for the study, under every one; a stopped run goes on.

Reads images through the readers, as the app does.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
