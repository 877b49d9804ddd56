"""What the server does before its first visitor comes, and beside the visitors."""

import asyncio
import contextlib
import gc
import importlib
from collections.abc import AsyncIterator

from streamlit.runtime import get_instance

from xray_app.ui.session.departures import end_departed
from xray_app.ui.session.memory import keep_little

# Imported by the pages and by Streamlit's elements only when a page first needs them.
_LIBRARIES = (
    *("imagecodecs", "onnxruntime", "pandas", "plotly.graph_objects", "pyarrow.compute"),
    *("scipy.ndimage", "scipy.stats", "skimage.exposure", "skimage.metrics"),
)


@contextlib.asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Load the libraries before the server takes connections; end sessions while it serves.

    For ``streamlit.App``, whose runtime exists by now.
    """
    keep_little()
    load_libraries()
    ending = asyncio.create_task(end_departed(get_instance()))
    yield
    ending.cancel()


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
