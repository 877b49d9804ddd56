"""Arrange the adults' radiographs: train and validate on one country, test on another.

    python -m tools.adults tb_cxr_256.zip OUT --gate gate_cxr_224.zip --children kermany_cxr_224.zip

OUT/adults.zip has ``train/`` and ``val/`` of Shenzhen and ``test/`` of Montgomery, for ``train``,
``calibrate`` and ``measure``; OUT/shenzhen.zip has Shenzhen's own held-back films as ``test/``
beside the same ``train/`` and ``val/``, for the figure inside one source. Every patient has one
film, so films are dealt by their number. With ``--gate`` and ``--children``, OUT/others.zip has who
and what is not of this model, for ``gate``: children of two places, hands, and adults of places
that the model never saw.
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


def others(gate: list[str], children: list[str]) -> Iterator[tuple[str, str]]:
    """Where an image of others goes, and its name in the gate's data or the children's.

    The tuberculosis sets among the gate's adults are the model's own films, and left out.
    """
    for name in sorted(gate):
        if "/tb_sets/" not in name:
            yield name, name
    for split, part, step in (("train", "fit", 10), ("test", "report", 2)):
        of_split = sorted(name for name in children if f"{split}/" in name)
        for name in of_split[::step]:
            yield f"{part}/child/kermany/{PurePosixPath(name).name}", name


def _write_others(out: Path, gate: Path, children: Path) -> None:
    with zipfile.ZipFile(gate) as one, zipfile.ZipFile(children) as two:
        names = [[n for n in z.namelist() if not n.endswith("/")] for z in (one, two)]
        with zipfile.ZipFile(out, "w") as made:
            for place, name in others(*names):
                source = two if "/child/kermany/" in place else one
                made.writestr(zipfile.ZipInfo(place), source.read(name))


def main() -> None:
    """Write both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="zip with shenzhen/ and montgomery/")
    parser.add_argument("out", type=Path, help="folder for the two zips")
    parser.add_argument("--gate", type=Path, help="zip with fit/ and report/ of other people")
    parser.add_argument("--children", type=Path, help="zip with train/ and test/ of children")
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
    if options.gate and options.children:
        _write_others(options.out / "others.zip", options.gate, options.children)


if __name__ == "__main__":
    main()
