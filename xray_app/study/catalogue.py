"""The studies that are there: results in ``models/study/NAME/study.json``."""

from pathlib import Path

from xray_app.core import InputError, UnknownChoice, models_directory


def list_studies() -> dict[str, Path]:
    """Paths of the results by name, in alphabetical order.

    Raises:
        InputError: there is none.
    """
    paths = sorted((models_directory() / "study").glob("*/study.json"))
    if not paths:
        raise InputError(
            "Expected a study's results in models/study/NAME/study.json, found none; run "
            "python -m xray_app study."
        )
    return {path.parent.name: path for path in paths}


def find_study(name: str | None = None) -> Path:
    """Path of the results of the study ``name``, or of the first.

    Raises:
        InputError: there is none.
        UnknownChoice: there is none of that name.
    """
    studies = list_studies()
    if name is None:
        return next(iter(studies.values()))
    if name not in studies:
        raise UnknownChoice.of("study", name, studies)
    return studies[name]
