"""Class activation maps from activations and gradients, in numpy."""
