"""Read thousands of whole and damaged files and count what came of each.

    python -m benchmarks.robustness            all cases
    python -m benchmarks.robustness --every 20 one in twenty
    python -m benchmarks.robustness --markdown a table for the docs

Each file is read in a process of its own under the limits of the app. Exit status 1 if a case ends
in a traceback, takes over 20 s, or gives a wrong image.
"""

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.readers.corpus import Case, cases
from xray_app.core import FileTooLarge, UnreadableFile
from xray_app.readers import MAX_SECONDS
from xray_app.readers.sandbox import Pool

VERDICTS = {
    "image": "an image that agrees with pydicom or Pillow",
    "alone": "an image that no other reader here reads",
    "disputed": "an image of damaged pixels that two decoders fill up differently",
    "sentence": "one clear sentence",
    "stopped": "the decoder crashed; contained, one clear sentence",
    "slow": "took over 20 s",
    "traceback": "a traceback",
    "refused": "a sentence, though the file is whole and another reader reads it",
    "unclear": "an unclear sentence",
    "wrong": "values outside their range, or a uniform image without a notice",
    "differs": "an image that differs from pydicom's or Pillow's",
}
GOOD = {"image", "alone", "disputed", "sentence", "stopped"}
LISTED = VERDICTS.keys() - {"image", "alone", "sentence"}


@dataclass
class Report:
    """Counts by kind of file and verdict, and each case that deserves a look."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    listed: list[tuple[Case, str, str]] = field(default_factory=list)
    available: int = 0
    slowest: float = 0.0
    seconds: float = 0.0

    @property
    def total(self) -> int:
        """Number of cases."""
        return sum(self.counts.values())


def run(every: int = 1) -> Report:
    """Judge one in ``every`` cases; ``Report.available`` counts them all."""
    report = Report()
    pool = Pool(size=1, module="tests.readers.judge")
    begin = time.perf_counter()
    for index, case in enumerate(cases()):
        report.available += 1
        if index % every:
            continue
        start = time.perf_counter()
        verdict, why = _judged(pool, case)
        took = time.perf_counter() - start
        report.slowest = max(report.slowest, took)
        verdict = "slow" if took > MAX_SECONDS else verdict
        report.counts[_kind(case), verdict] += 1
        if verdict in LISTED:
            report.listed.append((case, verdict, why))
    report.seconds = time.perf_counter() - begin
    pool.close()
    return report


def _judged(pool: Pool, case: Case) -> tuple[str, str]:
    verdict: tuple[str, str]
    try:
        verdict = pool.ask("judge", case.data, case.damage == "whole")
    except UnreadableFile:  # this reader crashed, or the one that it is compared with
        try:
            verdict = pool.ask("read_only", case.data)
        except UnreadableFile as error:
            return "stopped", str(error)
    except FileTooLarge as error:
        return "slow", str(error)
    return verdict


def _kind(case: Case) -> str:
    is_image = case.source.endswith((".png", ".jpeg", ".bmp", ".webp", ".gif", ".tif"))
    return case.source.rsplit(".", 1)[1].upper() if is_image else "DICOM and others of pydicom"


def markdown(report: Report) -> str:
    """The counts as a table."""
    kinds = sorted({kind for kind, _ in report.counts})
    used = [v for v in VERDICTS if any(report.counts[k, v] for k in kinds) or v not in GOOD]
    lines = [
        "| " + " | ".join(["result", *kinds, "all"]) + " |",
        "| --- |" + " ---: |" * (len(kinds) + 1),
    ]
    for verdict in used:
        counts = [report.counts[kind, verdict] for kind in kinds]
        cells = [VERDICTS[verdict], *map(str, counts), str(sum(counts))]
        lines.append("| " + " | ".join(cells) + " |")
    sums = [sum(n for (k, _), n in report.counts.items() if k == kind) for kind in kinds]
    lines.append("| " + " | ".join(["all", *map(str, sums), str(report.total)]) + " |")
    return "\n".join(lines)


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="one case in N")
    parser.add_argument("--markdown", action="store_true", help="print the table alone")
    options = parser.parse_args()
    report = run(options.every)
    print(markdown(report))
    if not options.markdown:
        for case, verdict, why in report.listed:
            print(f"{verdict}: {case.source}, {case.damage}: {why}")
        print(f"{report.total} cases in {report.seconds:.0f} s, slowest {report.slowest:.1f} s")
    return int(any(verdict not in GOOD for _, verdict, _ in report.listed))


if __name__ == "__main__":
    sys.exit(main())
