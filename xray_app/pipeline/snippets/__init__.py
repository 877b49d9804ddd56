"""Lines that feed a model as its contract says, for the libraries that people use."""
