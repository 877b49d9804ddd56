"""The documents say what the code does."""

import argparse
import re

from tests.conftest import BUNDLED, ROOT
from xray_app.batch.rows import schema_markdown
from xray_app.batch.scoring import _TOGETHER
from xray_app.commands.registry import COMMANDS
from xray_app.engines.catalogue import find_card

DOCUMENT = (ROOT / "docs" / "batch.md").read_text()


def test_the_columns_are_those_of_the_schema() -> None:
    block = DOCUMENT.split("<!-- columns -->\n")[1].split("<!-- /columns -->")[0]
    assert block == schema_markdown(find_card(BUNDLED).class_names)


def test_every_option_in_it_exists() -> None:
    parser = argparse.ArgumentParser()
    COMMANDS["batch"][0](parser)
    known = {option for action in parser._actions for option in action.option_strings}
    named = set(re.findall(r"(?<![\w-])--[a-z]+", DOCUMENT))
    assert named and named <= known


def test_its_figures_are_the_codes() -> None:
    from xray_app.batch.cluster import _BLOCK

    assert f"up to {_TOGETHER}\n" in DOCUMENT or f"up to {_TOGETHER} " in DOCUMENT
    assert f"up to {_BLOCK} files" in DOCUMENT
