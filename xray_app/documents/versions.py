"""What made a result: the versions of the app and of the packages that touch the numbers."""

import platform
from importlib.metadata import PackageNotFoundError, version

from xray_app import __version__

_PACKAGES = ("numpy", "pillow", "scikit-image", "pydicom", "onnxruntime")


def versions() -> tuple[tuple[str, str], ...]:
    """Name and version of the app, of Python and of each package that is there."""
    found = [("xray-app", __version__), ("Python", platform.python_version())]
    for package in _PACKAGES:
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return tuple(found)
