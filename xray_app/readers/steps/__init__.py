"""The steps between decoded values and a radiograph, which all formats share."""
