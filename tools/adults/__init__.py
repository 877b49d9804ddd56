"""The adults' data, arranged for the product's own commands."""
