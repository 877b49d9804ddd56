"""Arrange the adults' radiographs: train and validate on one country, test on another.

    python -m tools.adults tb_cxr_256.zip OUT

OUT/adults.zip has ``train/`` and ``val/`` of Shenzhen and ``test/`` of Montgomery, for ``train``,
``calibrate`` and ``measure``; OUT/shenzhen.zip has Shenzhen's own held-back films as ``test/``
beside the same ``train/`` and ``val/``, for the figure inside one source. Every patient has one
film, so films are dealt by their number.
"""

import argparse
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

_CLASSES = {"normal": "NORMAL", "tuberculosis": "TUBERCULOSIS"}
_PARTS = ("test", "val", "train", "train", "train", "train", "train")  # a seventh each held back


def arranged(names: list[str]) -> Iterator[tuple[str, str, str]]:
    """Source, where a film goes, and its name in the data."""
    for source in ("shenzhen", "montgomery"):
        for folder, label in _CLASSES.items():
            films = sorted(name for name in names if name.startswith(f"{source}/{folder}/"))
            for place, name in enumerate(films):
                part = "test" if source == "montgomery" else _PARTS[place % len(_PARTS)]
                yield source, f"{part}/{label}/{PurePosixPath(name).name}", name


def main() -> None:
    """Write both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="zip with shenzhen/ and montgomery/")
    parser.add_argument("out", type=Path, help="folder for the two zips")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with (
        zipfile.ZipFile(options.data) as data,
        zipfile.ZipFile(options.out / "adults.zip", "w") as adults,
        zipfile.ZipFile(options.out / "shenzhen.zip", "w") as inside,
    ):
        films = [name for name in data.namelist() if not name.endswith("/")]
        for source, place, name in arranged(films):
            content = data.read(name)
            if source == "montgomery" or not place.startswith("test/"):
                adults.writestr(zipfile.ZipInfo(place), content)
            if source == "shenzhen":
                inside.writestr(zipfile.ZipInfo(place), content)


if __name__ == "__main__":
    main()
