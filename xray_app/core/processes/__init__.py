"""Child processes that answer requests, and the messages that go to and fro."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
