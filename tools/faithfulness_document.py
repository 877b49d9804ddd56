"""docs/faithfulness.md, made from the record alone."""

from collections.abc import Iterable
from typing import Any

from xray_app.cards import COVERED_PERCENT, PERCENTILE
from xray_app.core import Interval
from xray_app.core.text import figure_text, interval_text, markdown_table
from xray_app.evaluation.faithfulness import BASELINES, blob_sentence, label_of, outside_text
from xray_app.explain import CLASS_ACTIVATIONS, CORNERS

_CASCADE = (
    "Weights are shuffled from the head down to the first convolution, within each tensor "
    "(cascading randomization, Adebayo et al. 2018, section 3.1), on the TensorFlow engine. A "
    "column says down to which part; the figures are the rank correlation with the map of the "
    "intact network, and after the stroke the SSIM of both maps, each stretched to its own "
    "peak. Means over the images that have two maps with ranks; how many stands in brackets "
    "where it is not all. A map that stays alike shows the image, not what was learned."
)


def faithfulness_document(record: dict[str, Any], tool: str) -> str:
    """Markdown of everything that the record says; ``tool`` is the command that writes it."""
    parts = [
        "# Do the heatmaps show what the model uses?",
        f"Measured by `{record['command']}`, written by `{tool}`; don't edit. Test images, the "
        "predicted class, fed as trained; 95 % bootstrap intervals over patients. A slow method "
        "was judged on fewer images; the column says on how many, and it is compared with the "
        "baselines on those.",
        "## Better than a map that has not seen the image?",
        "The mean map of the training images knows where this model usually finds evidence and "
        "nothing of the image at hand: the strongest answer that explains nothing. Covered are the "
        f"highest {COVERED_PERCENT} % of each map, with the image's mean; the figure is the "
        "probability of the predicted class that this costs. A map is worth looking at if its "
        "places cost more than the mean map's, beyond the interval. The finer layer has smaller "
        "cells, knows less of the class, and is judged against the mean map of its own.",
        markdown_table(_cover_rows(record)),
        _cover_sentence(record),
        "## Deletion and insertion",
        markdown_table(_main_rows(record)),
        blob_sentence(record),
        "Deletion blurs the highest places of the map first, insertion restores them first in a "
        "blurred image (Petsiuk et al. 2018); the figure is the area under the class's "
        "probability. A map beats random if both gains lie above 0 with their intervals. Where any "
        "method does at the last layer, only such methods are offered unless one asks for the "
        f"others; {_offered(record)} Shuffled head is the rank "
        "correlation with the map after the last layer's weights were shuffled (Adebayo et al. "
        "2018): near 0 is as it should be; near 1, the map hardly depends on what the last layer "
        "learned. "
        "Outside the body is the mean fraction of the positive evidence that lies there.",
        "What all this does not show: whether the place is the disease. On chest radiographs, "
        "heatmaps localise findings worse than radiologists do (Saporta et al. 2022, Nature "
        "Machine Intelligence 4, 867-878).",
        "## When the network forgets, does the map change?",
        _CASCADE,
        markdown_table(_cascade_rows(record)),
        "## When only the scheme changes, does the map stay?",
        _stability_text(record),
        markdown_table(_stability_rows(record)),
        "## Evidence where no body is",
        _placement_text(record),
        markdown_table(_corner_rows(record)),
        _corner_sentence(record),
    ]
    return "\n\n".join(parts) + "\n"


def _offered(record: dict[str, Any]) -> str:
    better = [
        label_of(r["method"])
        for r in record["results"]
        if r["beats_random"] and r["method"] not in BASELINES
    ]
    if not better:
        return "of this model none is shown to by both, so all are offered and the page says so."
    return f"of this model those are {', '.join(better)}."


def _cover_rows(record: dict[str, Any]) -> list[tuple[str, ...]]:
    def text(result: dict[str, Any], name: str) -> str:
        return interval_text(Interval(**result[name])) if result[name] else "undefined"

    verdicts = {True: "yes", False: "no", None: "undefined"}
    names = ("cover", "cover_over_mean", "deletion_over_mean", "insertion_over_mean")
    return [
        (
            "Map", "Layer", "Images", "Lost when covered", "More than the mean map's",
            "Deletion gain over the mean map", "Insertion gain over the mean map", "Beats it",
        ),
        *(
            (
                label_of(result["method"]),
                f"`{result['layer']}`",
                str(result["images"]),
                *(text(result, name) for name in names),
                verdicts[result["beats_mean"]],
            )
            for result in (*record["results"], *record["finer"])
        ),
    ]  # fmt: skip


def _cover_sentence(record: dict[str, Any]) -> str:
    found = (*record["results"], *record["finer"])
    winners = [
        f"{label_of(r['method'])} at `{r['layer']}`"
        for r in found
        if r["beats_mean"] and r["method"] not in BASELINES
    ]
    if not winners:
        return (
            "On so many images no map is shown to beat the mean map, and the app says so beside "
            "each. [weights.md](weights.md) has the same comparison for Grad-CAM on more images."
        )
    return (
        f"The mean map is beaten by {', '.join(winners)}. The app offers first the method whose "
        "lower end over the mean map is highest, and says beside each map what its kind is worth, "
        "and on how many images."
    )


def _main_rows(record: dict[str, Any]) -> list[tuple[str, ...]]:
    head = (
        "Map", "Layer", "Images", "Deletion, low is good", "Insertion, high is good",
        "Deletion gain over random", "Insertion gain over random", "Beats random",
        "Shuffled head", "Outside the body",
    )  # fmt: skip
    names = ("deletion", "insertion", "deletion_gain", "insertion_gain")
    return [
        head,
        *(
            (
                label_of(result["method"]),
                f"`{result['layer']}`",
                str(result["images"]),
                *(interval_text(Interval(**result[name])) for name in names),
                "yes" if result["beats_random"] else "no",
                _shuffled(result),
                outside_text(result, ".1%"),
            )
            for result in (*record["results"], *record["finer"])
        ),
    ]


def _cascade_rows(record: dict[str, Any]) -> list[tuple[str, ...]]:
    stages = _unique(step["stage"] for step in record["cascading_randomization"])
    rows: list[tuple[str, ...]] = [("Map", "Images", *stages)]
    for method in _unique(step["method"] for step in record["cascading_randomization"]):
        steps = [step for step in record["cascading_randomization"] if step["method"] == method]
        cells = (
            f"{figure_text(step['rank_correlation'], '.2f')} / "
            f"{figure_text(step['structural_similarity'], '.2f')}"
            + (f" ({step['defined']})" if step["defined"] < step["images"] else "")
            for step in steps
        )
        rows.append((label_of(method), str(steps[0]["images"]), *cells))
    return rows


def _stability_text(record: dict[str, Any]) -> str:
    return (
        "Mean rank correlation of the map under a preset with the map as trained, same image, same "
        "class; weights untouched. The column verdict is the one that most images got. Images are "
        f"{_counts(record['stability'])}; how many have two maps with ranks stands in brackets "
        "where it is not all."
    )


def _stability_rows(record: dict[str, Any]) -> list[tuple[str, ...]]:
    rows = record["stability"]
    methods = _unique(row["method"] for row in rows)
    table: list[tuple[str, ...]] = [("Scheme", "Verdict", *(label_of(m) for m in methods))]
    for scheme in _unique(row["scheme"] for row in rows):
        by_method = {row["method"]: row for row in rows if row["scheme"] == scheme}
        cells = (
            figure_text(row["rank_correlation"], ".2f")
            + (f" ({row['defined']})" if row["defined"] < row["images"] else "")
            for row in (by_method[m] for m in methods)
        )
        table.append((f"`{scheme}`", by_method[methods[0]]["verdict"], *cells))
    return table


def _placement_text(record: dict[str, Any]) -> str:
    placement = record["placement"]
    thresholds = ", ".join(
        f"{label_of(method)} {figure_text(outside, '.0%')} and "
        f"{figure_text(placement['corner_thresholds'][method], '.0%')}"
        for method, outside in placement["thresholds"].items()
    )
    return (
        "The body is what is brighter than half of Otsu's threshold after smoothing, the largest "
        "part of it, holes filled. The app warns where more of the positive evidence lies outside "
        "the body, or in the four corners (a seventh of height and width each), than in "
        f"{PERCENTILE} % of all {placement['validation_images']} validation images fed as "
        f"trained: {thresholds}. So the warning says that a result is unusual for this model, not "
        "that nothing is wrong with the others. Slow methods have no such threshold. Strongest "
        "evidence of Grad-CAM for the predicted class, over all test images, by corner of the "
        "image:"
    )


def _corner_rows(record: dict[str, Any]) -> list[tuple[str, ...]]:
    head = ("Predicted", "Images", *(f"Peak {c}" for c in CORNERS), "Evidence outside the body")
    return [
        head,
        *(
            (
                row["predicted"].replace("_", " "),
                str(row["images"]),
                *(_fraction(row["peaks"][corner], row["images"]) for corner in CORNERS),
                figure_text(row["outside"], ".1%"),
            )
            for row in record["placement"]["corner_peaks"]
        ),
    ]


def _corner_sentence(record: dict[str, Any]) -> str:
    counts = [
        (row["peaks"][corner] / row["images"], corner, row["predicted"].replace("_", " "))
        for row in record["placement"]["corner_peaks"]
        for corner in CORNERS
        if row["images"]
    ]
    fraction, corner, predicted = max(counts, default=(0.0, "", ""))
    if fraction == 0.0:
        return "No map peaks in a corner."
    return (
        f"The most of these: of the images that it calls {predicted}, the strongest evidence lies "
        f"in the {corner} corner in {fraction:.0%}, where no lung is. Whether that is something in "
        "the images or a habit of the network is another question: see [register.md](register.md)."
    )


def _counts(rows: list[dict[str, Any]]) -> str:
    counts = {row["method"]: row["images"] for row in rows}
    return ", ".join(f"{label_of(method)} {count}" for method, count in counts.items())


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _shuffled(result: dict[str, Any]) -> str:
    """The figure of the shuffled head; "none" for a map that it was not measured of."""
    measured = result["method"] in CLASS_ACTIVATIONS
    return figure_text(result["randomized"], ".2f") if measured else "none"


def _fraction(count: int, total: int) -> str:
    return f"{count} ({count / total:.0%})" if total else "0"
