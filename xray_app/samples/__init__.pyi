from .catalogue import list_samples, read_sample, sample_label

__all__ = [
    "list_samples",
    "read_sample",
    "sample_label",
]
