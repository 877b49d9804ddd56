"""A result in words, as plain values, and in small images; page, report, API and command share it.

Computes nothing of a result anew.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
