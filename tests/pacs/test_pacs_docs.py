"""What docs/pacs.md says of the settings is what the module says and reads."""

import re

from tests.conftest import ROOT
from xray_app.pacs import settings as module

TEXT = (ROOT / "docs" / "pacs.md").read_text(encoding="utf-8")


def test_the_settings_are_those_of_the_module() -> None:
    table = TEXT.split("<!-- settings -->\n")[1].split("<!-- /settings -->")[0].replace("`", "")
    assert table in (module.__doc__ or "")
    source = (ROOT / "xray_app" / "pacs" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'text\("(\w+)"', source)) | {"USER", "PASSWORD", "TOKEN"}
    assert set(re.findall(r"XRAY_APP_PACS_(\w+)", table)) == read


def test_the_demonstration_is_the_one_of_the_compose_file() -> None:
    compose = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    for line in TEXT.split("```sh\n")[1].split("\n```")[0].splitlines():
        assert f"# {line}" in compose
