"""Many radiographs: found, decoded in processes, scored in blocks, written as one table.

One bad file costs one row. It knows no pages.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
