"""What a visitor does and reads on any page under AppTest."""

from streamlit.testing.v1 import AppTest


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    app.run()
    return app.file_uploader(key="uploads").upload(name, data).run()


def choose(app: AppTest, key: str, value: str) -> AppTest:
    return app.selectbox(key=key).set_value(value).run()


def texts(app: AppTest) -> str:
    kinds = (app.title, app.header, app.markdown, app.caption, app.success, app.error)
    return "\n".join(element.value for kind in (*kinds, app.warning) for element in kind)
