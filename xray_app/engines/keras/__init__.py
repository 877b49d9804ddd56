"""Keras and TensorFlow: load, serve in a child process, take apart, measure the families."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
