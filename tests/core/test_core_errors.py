import pytest

from xray_app.core.errors import first_line


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError(), "ValueError"),
        (ValueError(" \n "), "ValueError"),
        (ValueError("\n  first.\nsecond"), "first"),
        (ValueError("two. sentences."), "two. sentences"),
        (ValueError("..."), "ValueError"),
        (PermissionError(13, "Permission denied", "/home/a/card.json"), "Permission denied"),
        (OSError("cannot seek"), "cannot seek"),
        (OSError(), "OSError"),
        (KeyError("mean"), "'mean'"),
    ],
    ids=repr,
)
def test_the_first_line_of_an_exception(error: Exception, line: str) -> None:
    assert first_line(error) == line
