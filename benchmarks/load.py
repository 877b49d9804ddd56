"""Many visitors at once on the real server: latency, throughput, memory, and whose result it is.

    python -m benchmarks.load [--visitors 1 5 10 25] [--seconds N] [--soak MINUTES] [--harm]
                              [--write FILE]

Each visitor uploads a 1.9 MB PNG of its own and then changes the scheme again and again, without a
pause; the class to explain changes too after each round of schemes, so that no result comes out of
what was kept for the visitor. Every result is compared with the one that this process computed
alone for the same image. A soak keeps ten visitors at work; each leaves after a while and another
one comes. With --harm one of the server's child processes is stopped and one is killed each minute
meanwhile, and an eleventh visitor keeps asking for a finer layer, which is made in one.
"""

import argparse
import asyncio
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

import numpy as np
from httpx import HTTPError
from websockets.exceptions import WebSocketException

from benchmarks.load_images import VisitorImage, differences, make_images, megabytes
from benchmarks.load_server import Memory, harmed, running_server, watched
from benchmarks.visitor import Visitor, VisitorError
from xray_app.core import first_line
from xray_app.core.normalization import PRESETS

SCHEME, TARGET, RESULT = "Normalization scheme", "Class to explain", "Result, JSON"
LAYER = "Layer"
SOAK_VISITORS = 10
_STAY = 60  # results that a visitor of a soak looks at before leaving
_CHECK_EVERY = 5  # each n-th result is downloaded and compared to the last digit


@dataclass
class Outcome:
    """What the visitors of one run saw.

    Attributes:
        latencies: seconds from a click to the end of the script run that it started.
        first: seconds from the start of the upload to the first result.
        foreign: results that are not the visitor's own.
        checked: how many results were downloaded and compared to the last digit.
        waited: how many script runs said that others come first.
        deeper: as ``latencies``, for results that may need another layer.
        seconds, cpu: how long they worked together, and the processor time of the server.
    """

    latencies: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    checked: int = 0
    waited: int = 0
    deeper: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0


_WRONG = (VisitorError, OSError, ValueError, LookupError, HTTPError, WebSocketException)


async def arrive(address: str, image: VisitorImage, seen: Outcome) -> Visitor | None:
    """Open the page and upload; None if that fails."""
    visitor = Visitor(address)
    try:
        await visitor.open()
        start = time.perf_counter()
        await visitor.upload(image.name, image.data)
        await visitor.rerun()
    except _WRONG as error:
        seen.errors.append(f"{type(error).__name__}: {first_line(error)}"[:300])
        await visitor.close()
        return None
    seen.first.append(time.perf_counter() - start)
    return visitor


async def look(
    visitor: Visitor, image: VisitorImage, until: float, results: int, seen: Outcome
) -> None:
    """Change the scheme again and again, until ``until`` or for so many results, then leave."""
    try:
        schemes = [option for option in visitor.options(SCHEME) if _preset(option)]
        targets = visitor.options(TARGET)
        for count in range(results):
            if time.perf_counter() > until:
                break
            option = schemes[(count + 1) % len(schemes)]
            visitor.choose(SCHEME, option)
            visitor.choose(TARGET, targets[count // len(schemes) % len(targets)])
            seen.latencies.append(await visitor.rerun())
            await _check(visitor, image, _preset(option), count, seen)
    except _WRONG as error:
        seen.errors.append(f"{type(error).__name__}: {first_line(error)}"[:300])
    finally:
        seen.waited += visitor.waited
        await visitor.close()


def _preset(option: str) -> str:
    """The scheme of an option such as "Divide by 255 (rescale)"; "" if it is none."""
    name = option.rpartition("(")[2].rstrip(")").partition(",")[0]
    return name if name in PRESETS else ""


async def _check(
    visitor: Visitor, image: VisitorImage, scheme: str, count: int, seen: Outcome
) -> None:
    """Compare what the page shows, and at times the whole result, with the visitor's own."""
    chart = next((c.alt for c in visitor.found("plotly_chart") if "Probabilities" in c.alt), "")
    captions = [text.body for text in visitor.found("markdown")]
    if not chart:
        seen.errors.append(f"no result: {visitor.text()[-300:]}")
        return
    shown = [float(part.rsplit(" ", 1)[1]) for part in chart.split(": ", 1)[1].split(", ")]
    expected = list(image.expected[scheme]["probabilities"].values())
    is_own = any(caption.startswith(f"{image.name},") for caption in captions)
    if not is_own or max(abs(a - b) for a, b in zip(shown, expected, strict=True)) > 0.0061:
        seen.foreign.append(f"{image.name} {scheme}: {chart}")
    if count % _CHECK_EVERY == 0:
        wrong = differences(image, await visitor.download_json(RESULT), scheme)
        seen.foreign.extend(f"{image.name} {scheme}: {name}" for name in wrong)
        seen.checked += 1


async def crowd(
    address: str, images: Sequence[VisitorImage], seconds: float, memory: Memory
) -> Outcome:
    """All arrive at once, one for each image; once all are there, they work for ``seconds``."""
    seen = Outcome()
    arrived = await asyncio.gather(*(arrive(address, image, seen) for image in images))
    there = [(visitor, image) for visitor, image in zip(arrived, images, strict=True) if visitor]
    start, cpu = time.perf_counter(), memory.cpu_seconds()
    until = start + seconds
    await asyncio.gather(*(look(*both, until, 10**6, seen) for both in there))
    seen.seconds, seen.cpu = time.perf_counter() - start, memory.cpu_seconds() - cpu
    return seen


async def dig(visitor: Visitor, until: float, seen: Outcome) -> None:
    """Ask for another layer again and again, one after the other through all schemes."""
    try:
        layers, schemes = visitor.options(LAYER), visitor.options(SCHEME)
        for count in cycle(range(len(layers) * len(schemes))):
            if time.perf_counter() > until:
                return
            visitor.choose(LAYER, layers[count % len(layers)])
            visitor.choose(SCHEME, schemes[count // len(layers)])
            seen.deeper.append(await visitor.rerun())
            if "starts anew" in visitor.text():
                seen.errors.append("the model's process was ended, and told so")
    except _WRONG as error:
        seen.errors.append(f"{type(error).__name__}: {first_line(error)}"[:300])
    finally:
        await visitor.close()


async def soak(
    address: str, images: Sequence[VisitorImage], seconds: float, *, digs: bool = False
) -> Outcome:
    """Ten visitors at any time; whoever leaves is replaced by the next image's.

    With ``digs`` an eleventh looks at finer layers.
    """
    seen, until, turns = Outcome(), time.perf_counter() + seconds, cycle(images)

    async def chair() -> None:
        while time.perf_counter() < until:
            image = next(turns)
            visitor = await arrive(address, image, seen)
            if visitor:
                await look(visitor, image, until, _STAY, seen)

    async def digger() -> None:
        while digs and time.perf_counter() < until:
            visitor = await arrive(address, images[0], seen)
            if visitor:
                await dig(visitor, until, seen)

    await asyncio.gather(digger(), *(chair() for _ in range(SOAK_VISITORS)))
    return seen


def row(visitors: int, seen: Outcome, memory: Memory) -> str:
    """One line of the table."""
    results = len(seen.latencies)
    p50, p95 = (np.percentile(seen.latencies, q) if results else np.nan for q in (50, 95))
    first = np.median(seen.first) if seen.first else np.nan
    cells = (
        visitors, results, f"{results / seen.seconds:.1f}", f"{p50:.2f}", f"{p95:.2f}",
        f"{first:.2f}", f"{1000 * seen.cpu / max(1, results):.0f}", len(seen.errors),
        len(seen.foreign), seen.checked, seen.waited, f"{max(memory.rss):.0f}",
        f"{max(memory.pss):.0f}",
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


HEAD = (
    "| visitors | results | results/s | p50 s | p95 s | first result s | CPU ms a result "
    "| errors | of another | compared whole | waited in view | peak RSS MB | peak PSS MB |\n|"
    + " ---: |"
    * 13
)


def measure(images: Sequence[VisitorImage], seconds: float) -> str:
    """One row: a fresh server, one visitor for each image."""
    with running_server() as (address, process), watched(process, 0.5) as memory:
        seen = asyncio.run(crowd(address, images, seconds, memory))
    report_wrong(seen)
    return row(len(images), seen, memory)


def report_wrong(seen: Outcome) -> None:
    """Say on the terminal what went wrong, once for each kind."""
    for what in dict.fromkeys(seen.errors + seen.foreign):
        print(f"WRONG {what}", flush=True)


def measure_soak(images: Sequence[VisitorImage], minutes: float, *, harm: bool = False) -> str:
    """A paragraph: how memory went, and how long anybody waited."""
    seconds, warm_up = 60.0 * minutes, min(300.0, 20.0 * minutes)
    with (
        running_server() as (address, process),
        watched(process, 10.0) as memory,
        harmed(process, 60.0) if harm else nullcontext([]) as done,
    ):
        seen = asyncio.run(soak(address, images, seconds, digs=harm))
    report_wrong(seen)
    waits = [*seen.latencies, *seen.first, *seen.deeper]
    harms = f" {', '.join(done)}." if done else ""
    return (
        f"Soak of {minutes:g} minutes, {SOAK_VISITORS} visitors at any time, {len(seen.first)} in "
        f"all, {len(seen.latencies)} results, {len(seen.errors)} errors, {len(seen.foreign)} of "
        f"another visitor: peak RSS {max(memory.rss):.0f} MB; after the first {warm_up / 60:.1f} "
        f"minutes {memory.slope(warm_up):+.2f} MB a minute. Longest wait {max(waits):.1f} s; "
        f"of the {len(seen.deeper)} results at another layer {max(seen.deeper, default=0):.1f} s."
        f"{harms}"
    )


def main() -> None:
    """Measure, print Markdown, and write it where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--visitors", type=int, nargs="+", default=[1, 5, 10, 25])
    parser.add_argument("--seconds", type=float, default=45.0, help="of work for each row")
    parser.add_argument("--soak", type=float, default=0.0, metavar="MINUTES")
    parser.add_argument("--harm", action="store_true", help="stop and kill children in the soak")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the Markdown here too")
    options = parser.parse_args()
    images = make_images(max([*options.visitors, 2 * SOAK_VISITORS if options.soak else 1]))
    lines = [f"{datetime.now(UTC):%Y-%m-%d}, PNGs of {megabytes(images):.1f} MB.", "", HEAD]
    print("\n".join(lines), flush=True)
    for count in options.visitors:
        lines.append(measure(images[:count], options.seconds))
        print(lines[-1], flush=True)
    if options.soak:
        lines += ["", measure_soak(images, options.soak, harm=options.harm)]
        print("\n".join(lines[-2:]), flush=True)
    if options.write:
        options.write.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
