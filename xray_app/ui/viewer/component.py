"""Where Streamlit finds the viewer's files, and its mounting.

The script is served as a file from this host. Given as text it would be loaded from a blob, which
the pages' content security policy refuses, as it should.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.runtime import get_instance

from xray_app import __version__

_FOLDER = Path(__file__).parent
_ASSETS, _PROJECT, _NAME = "assets", "xray-app", "viewer"


def mount(data: dict[str, Any], key: str, on_window: Callable[[], None]) -> None:
    """Draw the viewer here.

    Args:
        data: what the script reads, as JSON.
        key: of this viewer on the page.
        on_window: called where the visitor wants the model to have the window that is shown; the
            session's state under ``key`` says which.
    """
    _declare()
    _component()(key=key, data=data, on_window_change=on_window)


def media(data: bytes, kind: str, place: str) -> str:
    """The address of bytes that this session's page may fetch; they go with the next script run.

    Args:
        data: to be served from memory.
        kind: a MIME type.
        place: stands for the place on the page, where they take the place of older ones.
    """
    return get_instance().media_file_mgr.add(data, kind, f"viewer {place}")


def _declare() -> None:
    """Tell Streamlit where the files are; it looks for that in installed packages only."""
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(f"{_PROJECT}.{_NAME}") is None:
        configuration = [ComponentConfig(_NAME, _ASSETS)]
        manager.register_from_manifest(
            ComponentManifest(_PROJECT, __version__, configuration), _FOLDER
        )


@cache
def _component() -> Callable[..., Any]:
    assets = _FOLDER / _ASSETS
    return component(
        f"{_PROJECT}.{_NAME}",
        html=(assets / "viewer.html").read_text(encoding="utf-8"),
        css=(assets / "viewer.css").read_text(encoding="utf-8"),
        js="viewer.js",
    )
