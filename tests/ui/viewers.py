"""What the viewers on a page were given."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def viewers(app: AppTest) -> list[dict[str, Any]]:
    """The data of each, in order."""
    return [json.loads(element.proto.json) for element in app.get("bidi_component")]
