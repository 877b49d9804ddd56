"""The pages; the only room that imports streamlit.

Draws results and keeps what a visitor chose; it computes none itself.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
