"""Parts of the commands on a person's own model."""
