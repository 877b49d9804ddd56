"""The parts of the page Compare models: the second model, one column a model, the tables."""
