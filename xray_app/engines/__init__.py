"""The models; the only room that imports a neural network runtime, besides training."""
