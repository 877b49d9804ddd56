"""What ``import xray_app as xa`` offers to notebooks and scripts.

Wraps what the other rooms compute so that it reads well where there is no page; computes nothing
itself and knows no runtime.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
