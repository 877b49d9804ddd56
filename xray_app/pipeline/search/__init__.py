"""From an image and a tensor to the steps between them."""
