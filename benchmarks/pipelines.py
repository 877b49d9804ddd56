"""How often, and how fast, the solver finds what a random pipeline did.

    python -m benchmarks.pipelines [--count N] [--seed N] [--list]
    python -m benchmarks.pipelines --large
    python -m benchmarks.pipelines --libraries

Each pipeline makes a tensor of one image, and the solver describes it. Then both the pipeline and
the description are given another image: *exact* is a description that makes the same of it to a
thousandth of the range (or one gray level, where bytes are rounded), *as well* one where another
that the report names as fitting as well does, *as far as known* one that does where the image's
grays lie between those that the report says it knows (no pixel of the first image reached the end
of a window), *wrong* is one that claims to explain and does not.
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.library_pipelines import LIBRARY_PIPELINES
from benchmarks.random_pipelines import RandomPipeline, made_radiograph, random_pipeline
from benchmarks.tables import machine, table
from xray_app.core.images import Geometry
from xray_app.core.normalization import CONTRASTS, normalize, parse_scheme
from xray_app.pipeline import PipelineDescription, PipelineReport, describe_pipeline, reproduce
from xray_app.pipeline.steps.contrast import NO_CONTRAST
from xray_app.pipeline.steps.images import GRAY, as_sources
from xray_app.pipeline.steps.recipe import Recipe
from xray_app.pipeline.steps.rendering import Renderer

_SAME = 1e-3
_MOSTLY = 0.5  # of the values must be of grays that are known
_ON_BORDERS = 0.01  # of values that are rounded
OUTCOMES = ("exact", "as well", "as far as known", "not explained", "wrong")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one pipeline."""

    pipeline: RandomPipeline
    report: PipelineReport
    verdict: str
    seconds: float


def outcome_of(seed: int) -> Outcome:
    """Draw the pipeline of a seed, describe its tensor, and try the description on a new image."""
    rng = np.random.default_rng(seed)
    pipeline = random_pipeline(rng)
    image, other = pipeline.image(rng), pipeline.image(rng)
    tensor = pipeline.run(image)
    start = time.perf_counter()
    report = describe_pipeline(image, tensor)
    seconds = time.perf_counter() - start
    return Outcome(pipeline, report, _verdict(report, other, pipeline.run(other)), seconds)


def _verdict(report: PipelineReport, image: np.ndarray, tensor: np.ndarray) -> str:
    if report.description is None:
        return "not explained"
    if holds(report.description, report.within, image, tensor):
        return "exact"
    others = (holds(each, report.within, image, tensor) for each in report.alternatives)
    if any(others):
        return "as well"
    return "as far as known" if holds_where_known(report, image, tensor) else "wrong"


def holds_where_known(report: PipelineReport, image: np.ndarray, tensor: np.ndarray) -> bool:
    """Whether a description holds for the grays of which it says that it knows them."""
    if report.description is None or report.known == (None, None):
        return False
    if len(report.description.planes) > 1:
        return False  # not worth the lines
    known = _known_values(report.description.recipe, report.known, image)
    if known.mean() < _MOSTLY:
        return False
    apart = np.abs(reproduce(report.description, image) - tensor.astype(np.float64))
    return bool(apart.reshape(known.shape)[known].max() <= _SAME * np.ptp(tensor))


def _known_values(
    recipe: Recipe, ends: tuple[float | None, float | None], image: np.ndarray
) -> np.ndarray:
    """Of which values (h, w) of a tensor it is known what the window does to them."""

    def between(grays: np.ndarray) -> np.ndarray:
        low, high = ends
        return (grays >= (-np.inf if low is None else low)) & (
            grays <= (np.inf if high is None else high)
        )

    plain = replace(recipe, contrast=NO_CONTRAST)
    (source,) = as_sources(image)
    if recipe.contrast.when == "after":
        return between(Renderer.of(source).render(plain))
    stored, white = source.plane(recipe.plane, recipe.depth)
    pixels = between(stored / white)
    if pixels.all() or not pixels.any():
        return np.full(recipe.placement.input, pixels.all())
    # A value of the tensor is of many pixels of the image, all of which have to be known.
    bare = replace(plain, plane=GRAY, depth="", padding=1.0, rounding="")
    return np.abs(Renderer.of(as_sources(pixels * 1.0)[0]).render(bare) - 1.0) <= 1e-6


def holds(
    description: PipelineDescription, within: str, image: np.ndarray, tensor: np.ndarray
) -> bool:
    """Whether a description makes this tensor of this image, as precisely as it was found."""
    made = reproduce(description, image)
    if made.shape != tensor.shape:
        return False
    width = np.ptp(tensor.astype(np.float64))
    apart = np.abs(made - tensor.astype(np.float64)) / width
    if description.recipe.rounding not in ("", "clipped") or description.storage == "round":
        level = max(max(map(abs, description.scale.gain)) / 255.0, 1.0 * bool(description.storage))
        # A value on the border of two levels may fall to either side.
        off = 0.25 if within == "one level" else _ON_BORDERS
        return bool(apart.max() <= 1.02 * level / width and (apart > _SAME).mean() <= off)
    if within == "most" or description.recipe.contrast.uses_bins:
        return bool((apart > _SAME).mean() <= _SAME)
    return bool(apart.max() <= _SAME)


def summary(outcomes: Sequence[Outcome]) -> str:
    """The figures as tables, pipelines of known steps and others apart."""
    rows = []
    for known, name in ((True, "every step known"), (False, "one step unknown")):
        some = [each for each in outcomes if each.pipeline.is_known == known]
        counts = Counter(each.verdict for each in some)
        rows.append([name, str(len(some)), *(f"{counts[each]}" for each in OUTCOMES)])
    times = [each.seconds for each in outcomes]
    head = ["pipelines", "count", *OUTCOMES]
    return (
        f"{table(head, rows)}\n\nTime of one: median {np.median(times):.2f} s, "
        f"95 % below {np.percentile(times, 95):.2f} s, longest {max(times):.2f} s."
    )


def large() -> str:
    """The time of a radiograph of 3,000 x 2,500 pixels and an input of 380 x 380."""
    rng = np.random.default_rng(0)
    image = made_radiograph(rng, (3000, 2500))
    rows = []
    for scheme in ("imagenet", "percentile", "equalize", "clahe"):
        for fit in ("stretch", "resize-crop"):
            display = np.clip(Geometry(380, 380, fit).of(image, 255.0) / 255.0, 0.0, 1.0)
            tensor = normalize(display.astype(np.float32), parse_scheme(scheme)).array
            rows.append([scheme, fit, *_timed(image, tensor)])
    noise = tensor + rng.normal(0.0, 0.1, tensor.shape)
    rows.append(["the last, with noise added", fit, *_timed(image, noise)])
    wave = display + 0.05 * np.sin(12.0 * display)
    rows.append(["unit, on a wavy curve", fit, *_timed(image, wave)])
    local = CONTRASTS["clahe"].apply((image / 255.0).astype(np.float32))
    tensor = Geometry(380, 380).of(local)
    rows.append(["clahe, before resizing", "stretch", *_timed(image, tensor)])
    colour = made_radiograph(rng, (3000, 2500), "colour")
    planes = [Geometry(380, 380).of(plane, 255.0) for plane in colour.transpose(2, 0, 1)]
    tensor = np.stack(planes[::-1], axis=-1) / 255.0
    rows.append(["unit, of a colour image, BGR", "stretch", *_timed(colour, tensor)])
    return table(["scheme", "fit", "s", "of which the processor works", "explained"], rows)


def _timed(image: np.ndarray, tensor: np.ndarray) -> list[str]:
    """Seconds by the clock and of the processor, and whether it is explained."""
    start, worked = time.perf_counter(), time.process_time()
    report = describe_pipeline(image, tensor)
    seconds = time.perf_counter() - start, time.process_time() - worked
    return [*(f"{each:.2f}" for each in seconds), "yes" if report.is_explained else "no"]


def libraries() -> str:
    """Which pipelines of libraries are recognised, and what is found."""
    rows = []
    for pipeline in LIBRARY_PIPELINES:
        image = pipeline.image()
        report = describe_pipeline(image, pipeline.run(image))
        found = report.description.to_dict() if report.description else {}
        right = {name: found.get(name) for name in pipeline.expected} == pipeline.expected
        recognised = "yes" if right and report.is_explained else "no"
        said = report.description.text if report.description else "not explained"
        rows.append([pipeline.library, f"`{pipeline.code}`", recognised, said])
    return table(["library", "pipeline", "recognised", "what is said"], rows)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0, help="of the first; the next ones follow")
    parser.add_argument("--list", action="store_true", help="say what was not described exactly")
    parser.add_argument("--large", action="store_true", help="the time of a large radiograph")
    parser.add_argument("--libraries", action="store_true", help="the table of libraries")
    chosen = parser.parse_args()
    if chosen.libraries:
        print(libraries())
        return
    print(f"{machine()}.\n")
    if chosen.large:
        print(large())
        return
    outcomes = []
    for seed in range(chosen.seed, chosen.seed + chosen.count):
        outcome = outcome_of(seed)
        outcomes.append(outcome)
        if chosen.list and outcome.verdict != "exact":
            words = "; ".join(outcome.pipeline.words)
            print(f"{seed} {outcome.verdict} {outcome.seconds:.1f} s\n  {words}")
            print(f"  {outcome.report.text}", flush=True)
    print(summary(outcomes))


if __name__ == "__main__":
    main()
