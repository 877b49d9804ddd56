"""Where the data that is no code lies: models, the Streamlit script and its configuration."""

import os
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def import_root() -> Path:
    """Return the folder from which a child process imports this package.

    >>> (import_root() / "xray_app" / "core").is_dir()
    True
    """
    return _PACKAGE.parent


def data_directory() -> Path:
    """Return the folder with ``models/``, ``streamlit_app.py`` and ``.streamlit/``.

    In a checkout it is the one that holds the package; a wheel has a copy inside the package
    (``setup.py``).

    >>> (data_directory() / "streamlit_app.py").is_file()
    True
    """
    packaged = _PACKAGE / "_data"
    return packaged if packaged.is_dir() else _PACKAGE.parent


def models_directory() -> Path:
    """Return the folder of models: ``XRAY_APP_MODELS`` if set, else the one that ships.

    >>> from unittest.mock import patch
    >>> with patch.dict(os.environ, XRAY_APP_MODELS="my_models"):
    ...     print(models_directory())
    my_models
    """
    configured = os.environ.get("XRAY_APP_MODELS")
    return Path(configured) if configured else data_directory() / "models"
