"""The table of pages: one file in ``pages/`` and one row here for each."""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from xray_app.pacs import is_configured

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

ICON = Path(__file__).parent / "icon.png"  # Streamlit fetches an icon by name from another server
_FOLDER = Path(__file__).parent / "pages"
_PAGES = (
    ("diagnose.py", "Diagnose", ":material/radiology:"),
    ("compare.py", "Compare schemes", ":material/compare:"),
    ("models.py", "Compare models", ":material/compare_arrows:"),
    ("inside.py", "Inside the model", ":material/layers:"),
    ("check.py", "Check a pipeline", ":material/rule:"),
    ("study.py", "Study", ":material/science:"),
    ("batch.py", "Batch", ":material/table_rows:"),
    ("pacs.py", "From the PACS", ":material/cloud_download:"),
    ("card.py", "Model card", ":material/id_card:"),
)


def pages() -> "list[StreamlitPage]":
    """The pages in the order of the menu; the first is the default."""
    return [
        st.Page(_FOLDER / file, title=title, icon=icon, default=position == 0)
        for position, (file, title, icon) in enumerate(_shown())
    ]


def page_of(file: str) -> "StreamlitPage":
    """The page of one row, to switch to; unlike a path it does not depend on the main script."""
    return pages()[[row[0] for row in _shown()].index(file)]


def _shown() -> list[tuple[str, str, str]]:
    """The rows of the table; that of the PACS only where one is configured."""
    return [row for row in _PAGES if row[0] != "pacs.py" or is_configured()]
