"""The children's data set, made from what its authors published."""
