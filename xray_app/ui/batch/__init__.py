"""The page Batch: a job beside other visitors, its table, figures and downloads."""
