"""Everything measured over labelled images: figures with intervals, calibration, repeatability.

Fits on validation images and reports on test images. It knows no pages.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
