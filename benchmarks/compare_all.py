"""How long all presets take beside one prediction, in the same run.

    python -m benchmarks.compare_all [--repeats N] [--commands N]

Prints medians and their ratio, twice: warm, in a process that holds the model (decoding left out of
both), and as the commands ``compare`` and ``predict``, which load the model first.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from statistics import median

from xray_app.core.normalization import PRESETS
from xray_app.engines.catalogue import list_models, open_engine
from xray_app.readers import read_radiograph
from xray_app.samples.catalogue import list_samples, read_sample
from xray_app.services.comparison import compare
from xray_app.services.diagnosis import diagnose
from xray_app.services.passes import Choices


def milliseconds(job: Callable[[], object]) -> float:
    """Wall-clock time of one call."""
    start = time.perf_counter()
    job()
    return 1000.0 * (time.perf_counter() - start)


def main() -> None:
    """Measure both ways."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--commands", type=int, default=3)
    options = parser.parse_args()
    measure_warm(options.repeats)
    measure_commands(options.commands)


def measure_warm(repeats: int) -> None:
    """Alternate the two, so that both see the same machine."""
    radiograph = read_radiograph(read_sample(list_samples()[0]))
    with closing(open_engine(list_models()[0])) as engine:

        def one() -> object:
            return diagnose(engine, radiograph, Choices())

        def every() -> object:
            return compare(engine, radiograph)

        one(), every()
        pairs = [(milliseconds(one), milliseconds(every)) for _ in range(repeats)]
    report("warm", pairs)


def measure_commands(repeats: int) -> None:
    """Run the two commands as a person would, alternating."""
    name = f"sample:{list_samples()[0]}"

    def command(verb: str) -> Callable[[], object]:
        line = [sys.executable, "-m", "xray_app", verb, name, "--json"]
        return lambda: subprocess.run(line, check=True, capture_output=True)

    one, every = command("predict"), command("compare")
    report("commands", [(milliseconds(one), milliseconds(every)) for _ in range(repeats)])


def report(what: str, pairs: list[tuple[float, float]]) -> None:
    """Print the medians of (one prediction, all presets) in milliseconds."""
    single, together = (median(times) for times in zip(*pairs, strict=True))
    print(
        f"{what}: one prediction {single:.0f} ms, {len(PRESETS)} presets {together:.0f} ms, "
        f"{together / single:.1f} times as long"
    )


if __name__ == "__main__":
    main()
