"""The main job: a radiograph fed as trained, then as chosen, then compared.

Makes frozen results; how they are said or shown is for the rooms above.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
