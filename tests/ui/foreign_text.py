"""Text that would do harm as Markdown, and how a page has to show it."""

import re

from streamlit.testing.v1 import AppTest

HOSTILE = "![x](http://evil.example/a.png) [y](//evil.example) <img src=x> &#91; $x$ :smile: **b**"


def shown_texts(app: AppTest) -> list[str]:
    kinds = (app.title, app.header, app.markdown, app.caption, app.success, app.error)
    return [e.value for kind in (*kinds, app.warning, app.info) for e in kind]


def assert_plain(app: AppTest) -> None:
    texts = shown_texts(app)
    texts += [image.caption for element in app.get("image") for image in element.proto.imgs]
    texts += [str(cell) for table in app.table for cell in table.value.to_numpy().ravel()]
    assert any("evil" in text for text in texts), texts
    for text in texts:
        bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", text)
        if "evil" in text:
            assert not re.search(r"\]\(|<img|&#|http://", bare), text
