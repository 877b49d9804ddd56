"""The same services over HTTP, for machines."""
