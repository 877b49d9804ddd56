"""Records, errors and array-to-array functions; imports no other room."""
