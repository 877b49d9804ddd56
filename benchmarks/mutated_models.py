"""Model files with bytes changed, cut and repeated: each is used or refused in one sentence.

    python -m benchmarks.mutated_models [--files 500] [FILE.onnx FILE.tflite ...]

Without files it mutates small networks of its own. It ends with status 1 where anything else
came of one: a traceback, a process that died without a sentence, or an answer after the limit.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from xray_app.core import EngineError, XrayAppError
from xray_app.inspection import inspect_model

_SECONDS = 60.0


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """Change, cut or repeat some bytes."""
    array = np.frombuffer(data, np.uint8).copy()
    kind = int(rng.integers(0, 4))
    if kind == 0:  # some bytes anywhere
        places = rng.integers(0, len(array), int(rng.integers(1, 20)))
        array[places] = rng.integers(0, 256, len(places))
    elif kind == 1:  # bytes of the description, which stands at the beginning or the end
        width = min(len(array), 2000)
        start = 0 if rng.random() < 0.5 else len(array) - width
        places = start + rng.integers(0, width, int(rng.integers(1, 10)))
        array[places] = rng.integers(0, 256, len(places))
    elif kind == 2:  # cut short
        array = array[: int(rng.integers(0, len(array)))]
    else:  # a part twice
        start = int(rng.integers(0, len(array)))
        end = min(len(array), start + int(rng.integers(1, 400)))
        array = np.concatenate([array[:end], array[start:]])
    return array.tobytes()


def main() -> int:
    """Mutate, inspect, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--files", type=int, default=500)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    sources = [(path.suffix, path.read_bytes()) for path in options.models] or _own()
    counts: Counter[str] = Counter()
    longest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.files):
            suffix, data = sources[number % len(sources)]
            path = Path(folder) / f"mutated{suffix}"
            path.write_bytes(mutated(data, rng))
            start = time.perf_counter()
            try:
                inspect_model(path).describe()
                counts["used"] += 1
            except XrayAppError as error:
                said = str(error)
                one = "\n" not in said and len(said) < 600
                kind = "refused in one sentence" if one else "refused in more"
                if isinstance(error, EngineError):
                    kind += f" (process: {said[:60]})"
                counts[kind] += 1
            except Exception as error:  # noqa: BLE001 - that is what is looked for
                counts[f"TRACEBACK {type(error).__name__}: {error}"[:200]] += 1
            longest = max(longest, time.perf_counter() - start)
    for kind, count in counts.most_common():
        print(f"{count:5d}  {kind}")
    print(f"longest {longest:.1f} s")
    wrong = any(kind.startswith(("TRACEBACK", "refused in more")) for kind in counts)
    return int(wrong or longest > _SECONDS)


def _own() -> list[tuple[str, bytes]]:
    from tests.engines.onnx_models import classifier

    kept = np.load(Path(__file__).parents[1] / "tests" / "engines" / "lite_models.npz")
    return [
        (".onnx", classifier().SerializeToString()),
        (".onnx", classifier(14, size="S", channels=1, ending="Sigmoid").SerializeToString()),
        (".tflite", kept["float"].tobytes()),
        (".tflite", kept["uint8"].tobytes()),
    ]


if __name__ == "__main__":
    sys.exit(main())
