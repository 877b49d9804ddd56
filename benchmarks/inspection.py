"""What "bring your own model" takes: peak memory and time over every model of Keras Applications.

    python -m benchmarks.inspection [NAME ...] [--write FILE]

Each is built with random weights at its usual size, saved, and inspected in a process of its own as
an upload is. It takes half an hour and 3 GB of disk; what is done is printed at once.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

HEAD = (
    "| model | MB | seconds | peak MB | address space, GiB |\n| --- | ---: | ---: | ---: | ---: |"
)
_MAKE = """
import sys, keras
build = getattr(keras.applications, sys.argv[1])
build(weights=None).save(sys.argv[2])
"""
# Run apart, so that the figures are of this model alone.
_INSPECT = """
import re, sys
from pathlib import Path
from xray_app.engines.keras import examine
examine(Path(sys.argv[1]), None)
status = Path("/proc/self/status").read_text()
print(*(re.search(rf"{name}:\\s+(\\d+)", status)[1] for name in ("VmHWM", "VmPeak")))
"""


def names() -> list[str]:
    """Every builder in ``keras.applications``."""
    code = "import keras; print(*(n for n in dir(keras.applications) if n[0].isupper()))"
    return _run(code).split()


def measure(name: str, folder: Path) -> str:
    """One row of the table."""
    path = folder / "model.keras"
    _run(_MAKE, name, str(path))
    start = time.perf_counter()
    peak, space = map(int, _run(_INSPECT, str(path)).split())
    seconds = time.perf_counter() - start
    size = path.stat().st_size / 1e6
    path.unlink()
    return f"| {name} | {size:.0f} | {seconds:.0f} | {peak / 1e3:.0f} | {space / 2**20:.1f} |"


def _run(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return done.stdout


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("models", nargs="*", metavar="NAME")
    parser.add_argument("--write", type=Path, metavar="FILE")
    options = parser.parse_args()
    lines = [HEAD]
    print(HEAD, flush=True)
    with TemporaryDirectory() as folder:
        for name in options.models or names():
            try:
                lines.append(measure(name, Path(folder)))
            except RuntimeError as error:
                lines.append(f"| {name} | not measured: {error} | | | |")
            print(lines[-1], flush=True)
    if options.write:
        options.write.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
