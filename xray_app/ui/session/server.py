"""What the server does before its first visitor comes."""

import contextlib
import gc
import importlib
from collections.abc import AsyncIterator

from xray_app.ui.session.memory import keep_little

# Imported by the pages and by Streamlit's elements only when a page first needs them.
_LIBRARIES = (
    *("imagecodecs", "onnxruntime", "pandas", "plotly.graph_objects", "pyarrow.compute"),
    *("scipy.ndimage", "scipy.stats", "skimage.exposure", "skimage.metrics"),
)


@contextlib.asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Load the libraries before the server takes connections; see ``streamlit.App``."""
    keep_little()
    load_libraries()
    yield


def load_libraries() -> None:
    """Load what the pages need, and leave it out of garbage collection.

    Streamlit collects garbage after every script run. Looking through all libraries each time would
    take longer than most runs. No visitor's data may be there yet: what is frozen is never
    collected, and a session in a reference cycle would keep its files for as long as the server
    runs.
    """
    for name in _LIBRARIES:
        with contextlib.suppress(ImportError):  # a page that needs it says so
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
