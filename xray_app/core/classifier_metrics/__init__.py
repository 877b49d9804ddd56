"""Figures of a classifier, over many bootstrap resamples at once.

A resample is how often each image was drawn, so every figure is a weighted sum and B resamples are
one matrix product. ``counts`` is (B, N) throughout, each figure (B,); ``once(N)`` gives the figure
of the images as they are. A figure that needs an absent class is NaN.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
