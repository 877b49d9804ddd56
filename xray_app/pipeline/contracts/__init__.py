"""What a model must be fed, from its card, its layers, or the file that its makers shipped."""
