"""The commands of the command line, over the same services as the pages."""
