"""DICOM: parse, decode, rescale and window, and what may be told of a header."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
