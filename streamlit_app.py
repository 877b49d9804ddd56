"""The frame: page config, navigation, shared choices and the one error boundary."""

import streamlit as st
from starlette.middleware import Middleware
from streamlit.starlette import App

from xray_app.core import XrayAppError
from xray_app.ui import ICON, pages
from xray_app.ui.guide import guide, take_from_address
from xray_app.ui.session import (
    SecurityHeaders,
    UploadsInMemory,
    lifespan,
    refused_upload,
    waiting_place,
    warm_readers,
)
from xray_app.ui.widgets import choose
from xray_app.ui.words import plain

# Streamlit tints a page link that has the keyboard's focus by 15 %, which nobody sees, writes
# white on the primary colour, which in the dark theme is a light one, and leaves a band on top.
_LEGIBLE = """<style>
[data-testid="stTopNavLink"]:focus-visible, [data-testid="stSidebarNavLink"]:focus-visible {
    outline: 2px solid currentColor !important; outline-offset: 1px;
}
[data-tag] span, [data-testid^="stBaseButton-primary"] p,
[data-testid^="stBaseButton-primary"] span {
    color: light-dark(#FFFFFF, #10161B) !important;
}
[data-testid="stMainBlockContainer"] { padding-top: 4rem; }
.st-key-shortcuts { display: none; }
.st-key-tour a, .st-key-tour_start a { background: none; }
.st-key-tour [class*="press_go_on"] a { border: 1px solid currentColor; }
</style>"""


def main() -> None:
    """Draw the current page; whatever a person can mend is one clear message, never a traceback."""
    st.set_page_config(
        page_title="Is normalization necessary? Chest X-ray",
        page_icon=ICON,
        layout="wide",
        initial_sidebar_state=340,
    )
    st.html(_LEGIBLE)
    page = st.navigation(pages(), position="top")
    # Only where secrets.toml has an [auth] section does the key exist (docs/security.md).
    if not st.user.get("is_logged_in", True):
        st.button("Sign in", on_click=st.login, icon=":material/login:")
        return
    waiting_place()
    if refusal := refused_upload():
        st.warning(refusal, icon=":material/warning:")
    try:
        take_from_address()
        choose(page.url_path)
        with guide(page):
            page.run()
    except XrayAppError as error:
        st.error(plain(error), icon=":material/error:")
    finally:
        warm_readers()  # last: the first result of a sample needs no other process


if __name__ == "__main__":  # a script run
    main()
else:  # the server imports it
    app = App(
        __file__,
        lifespan=lifespan,
        middleware=[Middleware(SecurityHeaders), Middleware(UploadsInMemory)],
    )
