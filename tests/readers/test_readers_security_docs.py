"""What docs/security.md says of limits and settings is what holds."""

import re
import tomllib

from tests.conftest import ROOT
from xray_app.readers import limits

DOC = (ROOT / "docs/security.md").read_text()


def test_server_settings_are_those_of_the_docs():
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
    rows = re.findall(r"^\| `(\w+)\.(\w+)` \| (\w+) \|", DOC, re.MULTILINE)
    assert len(rows) == 8
    for section, name, value in rows:
        assert str(config[section][name]).lower() == value


def test_limits_are_those_of_the_docs():
    megabytes = limits.MAX_FILE_BYTES // 10**6
    for row in (
        f"| size of a file | {megabytes} MB |",
        f"| pixels | {limits.MAX_PIXELS // 10**6} million |",
        f"| longer side | {limits.MAX_ASPECT} times the shorter |",
        f"| ZIP archives | {limits.MAX_ENTRIES} files, {megabytes} MB inflated |",
        f"| time | {limits.MAX_SECONDS} s |",
        f"| memory | {limits.MAX_ADDRESS_SPACE // 2**30} GiB of address space |",
    ):
        assert row in DOC
