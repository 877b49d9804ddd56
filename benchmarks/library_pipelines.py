"""Pipelines as people write them with the libraries that they use, and what each of them does."""

from benchmarks.installed_libraries import INSTALLED_LIBRARIES
from benchmarks.kept_tensors import KEPT_TENSORS
from benchmarks.library_pipeline import LibraryPipeline

__all__ = ["LIBRARY_PIPELINES", "LibraryPipeline"]

LIBRARY_PIPELINES: tuple[LibraryPipeline, ...] = (*INSTALLED_LIBRARIES, *KEPT_TENSORS)
