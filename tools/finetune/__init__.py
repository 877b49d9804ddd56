"""The last step of the bundled weights: maps that follow the image, answers that stay.

``KERAS_BACKEND=jax python -m tools.finetune DATA START.weights.h5 OUT`` (needs jax and optax; made
for an accelerator). Blocks 6 and 7, the top convolution and the head learn; everything in front of
them, and every BatchNorm, stays as it is.
"""
