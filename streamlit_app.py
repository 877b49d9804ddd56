"""The frame: page config, navigation, shared choices and the one error boundary."""

import streamlit as st
from starlette.middleware import Middleware
from streamlit.starlette import App

from xray_app.core import XrayAppError
from xray_app.ui import pages
from xray_app.ui.session import UploadsInMemory, lifespan, waiting_place, warm_readers
from xray_app.ui.widgets import choose
from xray_app.ui.words import plain


def main() -> None:
    """Draw the current page; whatever a person can mend is one clear message, never a traceback."""
    st.set_page_config(
        page_title="Is normalization necessary? Chest X-ray",
        page_icon=":material/radiology:",
        layout="wide",
        initial_sidebar_state=340,
    )
    page = st.navigation(pages(), position="top")
    # Only where secrets.toml has an [auth] section does the key exist (docs/security.md).
    if not st.user.get("is_logged_in", True):
        st.button("Sign in", on_click=st.login, icon=":material/login:")
        return
    waiting_place()
    try:
        choose()
        page.run()
    except XrayAppError as error:
        st.error(plain(error), icon=":material/error:")
    finally:
        warm_readers()  # last: the first result of a sample needs no other process


if __name__ == "__main__":  # a script run
    main()
else:  # the server imports it
    app = App(__file__, lifespan=lifespan, middleware=[Middleware(UploadsInMemory)])
