"""What a model must be fed, as its makers declare it, and the lines that do it."""
