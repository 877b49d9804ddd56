"""What measured rates mean for many studies: the text of docs/scale.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

STUDIES = (10**4, 10**5, 10**6, 10**7)
CORES = (2, 16, 128, 1024)


@dataclass(frozen=True)
class Measured:
    """Figures of one set of files; milliseconds are of one image, bytes of one file or row."""

    label: str
    files: int
    file_bytes: float
    cores: int
    bare_ms: dict[str, float]
    best: str
    bare_cpu_ms: float
    batch_ms: float
    batch_cpu_ms: float
    ratio: float
    parquet_bytes: float
    csv_bytes: float
    overlay_bytes: float

    def markdown(self) -> str:
        """The figures as a table."""
        ways = ", ".join(f"{way}: {ms:.1f}" for way, ms in self.bare_ms.items())
        rows = (
            ("bare engine, ms an image by passes at a time × batch size", ways),
            ("bare engine at its best", f"{self.bare_ms[self.best]:.1f} ms ({self.best})"),
            ("`batch`, files to rows", f"{self.batch_ms:.1f} ms"),
            ("`batch` over the bare engine, median of the rounds", f"{self.ratio:.2f}"),
            ("rows a second", f"{1000 / self.batch_ms:.1f}"),
            ("processor time, bare engine", f"{self.bare_cpu_ms:.1f} ms"),
            ("processor time, `batch`", f"{self.batch_cpu_ms:.1f} ms"),
            ("`batch` over the bare engine in it", f"{self.batch_cpu_ms / self.bare_cpu_ms:.2f}"),
            ("bytes a file", f"{self.file_bytes:,.0f}"),
            ("bytes a row, Parquet / CSV", f"{self.parquet_bytes:.0f} / {self.csv_bytes:.0f}"),
            ("bytes an overlay", f"{self.overlay_bytes:,.0f}"),
        )
        title = f"{self.label}: {self.files} files, {self.cores} processors"
        lines = [f"| {title} | |", "| --- | --- |", *(f"| {n} | {v} |" for n, v in rows)]
        return "\n".join(lines) + "\n"

    def core_hours(self, studies: int) -> float:
        """Hours of one processor, from the processor time of one image."""
        return studies * self.batch_cpu_ms / 3.6e6


def scale_markdown(found: Sequence[Measured]) -> str:
    """The whole document."""
    day = datetime.now(UTC).date().isoformat()
    parts = [_HEAD.format(day=day)]
    for one in found:
        parts += [f"## {one.label}\n", one.markdown(), _sizing(one)]
    return "\n".join([*parts, _TAIL])


def _sizing(one: Measured) -> str:
    heads = ["studies", "core-hours", *(f"{c:,} cores" for c in CORES), "input", "Parquet", "CSV"]
    lines = [f"| {' | '.join([*heads, 'overlays'])} |", "| --- " * (len(heads) + 1) + "|"]
    for studies in STUDIES:
        hours = one.core_hours(studies)
        cells = [f"{studies:,}", f"{hours:,.1f}", *(_time(hours / cores) for cores in CORES)]
        each = (one.file_bytes, one.parquet_bytes, one.csv_bytes, one.overlay_bytes)
        cells += [_bytes(studies * size) for size in each]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _time(hours: float) -> str:
    if hours < 1 / 60:
        return f"{hours * 3600:.0f} s"
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"


def _bytes(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.3g} TB"


_HEAD = """# How much for how many

What `xray_app batch` would take for ten thousand to ten million studies of one image each, worked
out from rates measured on {day} by the command below; nothing here was typed by hand.

```sh
python -m benchmarks.batch small=PATH full=PATH --scale docs/scale.md
```

Core-hours follow from the measured processor time of an image, which other work on the machine
changes little; hours are core-hours over the number of cores. That is what independent images on
equal processors take when all are at work all the time and files arrive as fast as they are asked
for: a lower bound. Starting a cluster, slow storage and stragglers come on top.
"""

_TAIL = """## What is measured and what is not

* Measured: one machine with the processors named above. Not measured: more processors, a GPU, and
  object stores over a network; the columns for more cores are arithmetic.
* Memory does not grow with the number of studies: the listing of one folder or archive, a few
  decoded images for each worker, and ten thousand rows while the table is written.
* The journal of an unfinished run takes about as much as the CSV, until the table is there.
* The bare engine keeps all processors of this machine busy by itself, so decoding can't hide behind
  it: whatever else is done for an image adds to its time. The processor time says how much:
  reading, decoding in a process apart, resizing, the contract, the gate. With processors to spare,
  or a GPU, decoding overlaps. The ratio of wall-clock times is flattered when other programs are at
  work, since `batch` has more processes to claim a share with; that of processor times is not.
* `1 × n`: all cores work at one pass of n images; otherwise each pass has one core.
* Bytes of a row are those of the set with the most files.
"""
