"""What docs/declared.md says of files and libraries is what the code does."""

import re
import shlex

import pytest

from tests.conftest import ROOT
from tests.pipeline.declared_files import EVERY
from tests.pipeline.snippet_contracts import contracts
from xray_app import __main__ as command_line
from xray_app.core.images import Geometry
from xray_app.pipeline import SNIPPETS, contract_of, input_code, parse_declared

TEXT = (ROOT / "docs" / "declared.md").read_text()
READERS = ROOT / "xray_app" / "pipeline" / "contracts"
BYTES = parse_declared(
    b'{"image_processor_type": "ViTImageProcessor", "size": 64, "resample": 2}', "a"
)
CASES = {
    "as this app resizes": contract_of("a", Geometry(64, 64), "imagenet"),
    "not antialiased": contract_of("a", Geometry(64, 64, antialias=False), "imagenet"),
    "mean over the area": contract_of("a", Geometry(64, 64, kernel="area"), "imagenet"),
    "as Pillow resizes bytes": BYTES,
}


def cell(library: str, case: str) -> str:
    written = input_code(CASES[case], library)
    if written.is_exact:
        return "exact"
    said = " ".join(written.departures)
    is_other = "widens" in said or "no antialiased" in said
    return "another kernel" if is_other else "to a gray level or two"


@pytest.mark.parametrize("library", SNIPPETS)
def test_the_table_says_which_lines_are_exact(library: str) -> None:
    row = " | ".join([SNIPPETS[library][0], *(cell(library, case) for case in CASES)])
    assert f"| {row} |" in TEXT
    assert f"| library | {' | '.join(CASES)} |" in TEXT


def test_counts_and_versions() -> None:
    assert len(EVERY) == 26
    assert f"{len(contracts())} contracts by {len(SNIPPETS)} libraries" in TEXT
    made = " ".join((ROOT / "tests" / "pipeline" / "make_declared.py").read_text().split())
    for version in ("transformers 5.24.0", "timm 1.0.31", "torchvision 0.28.0", "Pillow 13.0.0"):
        assert version in made
        assert version.split()[1] in TEXT


def test_every_field_is_one_that_is_read() -> None:
    table = TEXT.split("## What is read")[1].split("\n\n")[1]
    code = "".join(path.read_text() for path in READERS.glob("*.py"))
    for row in table.splitlines()[2:-2]:
        fields = re.findall(r"`(\w+)`", row.split("|")[3])
        assert all(f'"{field}"' in code for field in fields), row


def test_commands_run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    lines = re.findall(r"^    python -m xray_app (inspect .*)$", TEXT, flags=re.M)
    alone = [line for line in lines if "MODEL" not in line and "preprocessor" not in line]
    assert len(alone) == 3
    for line in alone:
        assert command_line.main(shlex.split(line)) == 0
        assert "In this app's words" in capsys.readouterr().out
