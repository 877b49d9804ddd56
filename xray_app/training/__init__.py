"""Fit a model and run the normalization study, with Keras 3 on any backend."""
