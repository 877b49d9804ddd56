"""The PACS, by DICOMweb: searched (QIDO-RS), read (WADO-RS) and written to (STOW-RS).

Which server, and how to log in, comes from the environment alone. It hands on bytes and never looks
into them: the readers do that, in their own process. It logs nothing and writes no file.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
