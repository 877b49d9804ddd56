"""How far a heatmap stays the same when only the normalization scheme changes."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from xray_app.cards import trained_scheme
from xray_app.core import Progress, Reporter, Verdict, silent
from xray_app.diagnosis import Choices, compare_with, feed_as_trained
from xray_app.engines import Engine
from xray_app.evaluation.labelled_images import open_split
from xray_app.explain import EXPLANATIONS, SLOW, mean_of


@dataclass(frozen=True, slots=True)
class Stability:
    """A method's maps under one preset beside those as trained.

    Attributes:
        verdict: of the contract, the one that most images got.
        images: how many; ``defined`` of them have maps with ranks.
        rank_correlation: Spearman's with the map as trained, mean; None where no image defines it.
    """

    method: str
    scheme: str
    verdict: Verdict
    images: int
    defined: int
    rank_correlation: float | None


def measure_stability(
    engine: Engine,
    data: Path,
    images: int = 20,
    slow_images: int = 2,
    progress: Reporter = silent,
) -> tuple[Stability, ...]:
    """Compare the maps under every preset with those as trained, on test images.

    Args:
        engine: any engine.
        data: folder or zip of ``split/CLASS/file``.
        images: how many, spread evenly over ``test/``.
        slow_images: how many of them for the methods that take seconds.
        progress: is told how many images are done.

    Raises:
        InputError: the data are not there or not as expected.
        EngineError: the model failed.
    """
    correlations: dict[tuple[str, str], list[float | None]] = {}
    verdicts: dict[str, Counter[Verdict]] = {}
    trained = trained_scheme(engine.card).name
    with open_split(data, "test", engine.card) as split:
        part = split.spread(images)
        for place, radiograph in enumerate(part.radiographs()):
            reference = feed_as_trained(engine, radiograph)
            for method in EXPLANATIONS:
                if method in SLOW and place >= slow_images:
                    continue
                choices = Choices(explanation=method)
                found = compare_with(engine, reference, choices=choices)
                for row in found.rows:
                    if row.scheme != trained:
                        key = method, row.scheme
                        correlations.setdefault(key, []).append(row.rank_correlation)
                        verdicts.setdefault(row.scheme, Counter())[row.verdict] += 1
            progress(Progress(place + 1, len(part), stage="under every scheme"))
    return tuple(
        Stability(
            method=method,
            scheme=scheme,
            verdict=verdicts[scheme].most_common(1)[0][0],
            images=len(values),
            defined=len(defined := [v for v in values if v is not None]),
            rank_correlation=mean_of(defined),
        )
        for (method, scheme), values in correlations.items()
    )
