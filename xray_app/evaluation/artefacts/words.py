"""What the tests are called and what their results mean, for people."""

from xray_app.cards import ArtefactName, ArtefactRecord
from xray_app.core.text import Rows, cells, interval_text, plain_table

_LABELS: dict[ArtefactName, str] = {
    "mirror": "Mirror: the peak moves with the mirrored image",
    "blank": "Blank: largest cell norm over the median's, uniform images",
    "norms": "Norms: largest cell norm over the median's",
    "cover": "Cover: more lost under the map than under chance",
    "swap": "Swap: class changes with another patient's surroundings",
}
_BOUND: dict[ArtefactName, str] = {
    "mirror": "at least",
    "blank": "at most",
    "norms": "at most",
    "cover": "over",
    "swap": "at most",
}
_SENTENCES: dict[ArtefactName, tuple[str, str]] = {
    "mirror": (
        "In most images the map's peak follows the image into the mirror.",
        "The map's peak stays where it is when the image is mirrored: it shows a place, not the "
        "image.",
    ),
    "blank": (
        "On images without any content no place stands out.",
        "On images without any content one place stands out: the network keeps something there.",
    ),
    "norms": (
        "No cell holds much more than the others.",
        "One cell holds many times what the others hold: a register, not evidence at that place.",
    ),
    "cover": (
        "Hiding what the map names costs the class more than hiding any other place.",
        "Hiding what the map names costs the class no more than hiding any other place.",
    ),
    "swap": (
        "What surrounds the body seldom decides the class.",
        "What surrounds the body decides the class too often.",
    ),
}


def sentence(name: ArtefactName, passes: bool | None) -> str:
    """What the result means."""
    if passes is None:
        return "Undefined for this model."
    return _SENTENCES[name][0 if passes else 1]


def label_of_test(name: ArtefactName) -> str:
    """What people call the test."""
    return _LABELS[name]


def artefact_rows(record: ArtefactRecord) -> Rows:
    """A row for each test: its figure and interval, the threshold, and what it means."""
    verdicts = {True: "yes", False: "no", None: "undefined"}
    return [
        {
            "Test": label_of_test(test.name),
            "Figure (95 % interval)": interval_text(test.figure) if test.figure else "undefined",
            "Threshold": f"{_BOUND[test.name]} {test.threshold:g}",
            "Images": str(test.images)
            + (f" ({test.left_out} can't tell)" if test.left_out else ""),
            "Passes": verdicts[test.passes],
            "Meaning": test.sentence,
        }
        for test in record.tests
    ]


def artefacts_text(record: ArtefactRecord) -> str:
    """Plain text for the terminal."""
    return plain_table(cells(artefact_rows(record)))
