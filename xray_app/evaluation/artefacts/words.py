"""What the tests are called and what their results mean, for people."""

from typing import Literal

from xray_app.cards import COVERED_PERCENT, ArtefactName, ArtefactRecord, ArtefactTest
from xray_app.core import Interval
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
_LARGE_IS_GOOD: frozenset[ArtefactName] = frozenset({"mirror", "cover"})
_UNSHOWN = "Not shown: the 95 % interval reaches to both sides of the threshold."
# What it means to pass, and to fail.
_SENTENCES: dict[ArtefactName, tuple[str, str]] = {
    "mirror": ("{told}", "{told} A map that stays shows a place, not the image."),
    "blank": (
        "On images without any content no place stands out.",
        "On images without any content one place stands out: the network keeps something there.",
    ),
    "norms": (
        "No cell holds much more than the others.",
        "One cell holds many times what the others hold: a register, not evidence at that place.",
    ),
    "cover": (
        "Hiding what the map names costs the class more than hiding a random {covered} %, one "
        "random map for each image.",
        "Hiding what the map names is not shown to cost the class more than hiding a random "
        "{covered} %, one random map for each image.",
    ),
    "swap": (
        "What surrounds the body seldom decides the class.",
        "What surrounds the body decides the class too often.",
    ),
}
_NOT_MORE = "Hiding what the map names costs the class less than hiding a random {covered} %."


def verdict_of(
    name: ArtefactName, figure: Interval | None, threshold: float
) -> Literal["yes", "no", "not shown", "undefined"]:
    """Whether a test is passed, where its 95 % interval lies on one side of the threshold.

    Args:
        name: which test; a mirror and a cover must be large, the others small.
        figure: None where it is undefined.
        threshold: that the figure is compared with.

    >>> verdict_of("swap", Interval(0.04, 0.03, 0.06), 0.05)
    'not shown'
    """
    if figure is None:
        return "undefined"
    above, below = figure.low >= threshold, figure.high <= threshold
    if name == "cover":  # covering must cost more than chance, not as much
        above = figure.low > threshold
    is_good, is_bad = (above, below) if name in _LARGE_IS_GOOD else (below, above)
    if is_good:
        return "yes"
    return "no" if is_bad else "not shown"


def sentence(test: ArtefactTest) -> str:
    """What the result of a test means, as sure as its interval is."""
    verdict = verdict_of(test.name, test.figure, test.threshold)
    if test.figure is None or verdict == "undefined":
        return "Undefined for this model."
    told = (
        f"Where it can be told ({test.images} of {test.images + test.left_out} images), the peak "
        f"follows in {100 * test.figure.value:.0f} %."
    )
    if test.name == "cover" and verdict == "no":
        said = _NOT_MORE
    elif verdict == "not shown" and test.name != "cover":
        said = f"{told} {_UNSHOWN}" if test.name == "mirror" else _UNSHOWN
    else:
        said = _SENTENCES[test.name][0 if verdict == "yes" else 1]
    return said.format(told=told, covered=COVERED_PERCENT)


def label_of_test(name: ArtefactName) -> str:
    """What people call the test."""
    return _LABELS[name]


def artefact_rows(record: ArtefactRecord) -> Rows:
    """A row for each test: its figure and interval, the threshold, and what it means."""
    return [
        {
            "Test": label_of_test(test.name),
            "Figure (95 % interval)": interval_text(test.figure) if test.figure else "undefined",
            "Threshold": f"{_BOUND[test.name]} {test.threshold:g}",
            "Images": images_text(test),
            "Passes": verdict_of(test.name, test.figure, test.threshold),
            "Meaning": sentence(test),
        }
        for test in record.tests
    ]


def images_text(test: ArtefactTest) -> str:
    """Of how many images the figure is, and of how many nothing can be told."""
    return str(test.images) + (f" ({test.left_out} can't tell)" if test.left_out else "")


def artefacts_text(record: ArtefactRecord) -> str:
    """Plain text for the terminal."""
    return plain_table(cells(artefact_rows(record)))
