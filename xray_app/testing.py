"""For other people's tests: two preprocessing functions are compared on images."""

from xray_app.pipeline import assert_same_preprocessing, preprocessing_differences

__all__ = ["assert_same_preprocessing", "preprocessing_differences"]
