"""Fuzz the readers with atheris, guided by coverage, for as long as is asked for.

    pip install atheris
    python -m benchmarks.fuzz_readers --seconds 600 --crashes FOLDER

atheris is no requirement of the app: where it isn't installed this says so and ends. A crash, an
exception that is no InputError, or an input that takes over 20 s is saved in FOLDER.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

SEED_BYTES = 20_000


def main() -> int:
    """Run the fuzzer; exit status 0 if atheris is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--crashes", type=Path, default=Path(), metavar="FOLDER")
    options = parser.parse_args()
    try:
        import atheris
    except ImportError:
        print("skipped: atheris is not installed; python -m pip install atheris")
        return 0
    with atheris.instrument_imports(include=["xray_app.readers", "pydicom", "tifffile", "zipfile"]):
        # only what is imported here shows the fuzzer which branches an input takes
        from tests.readers.corpus import whole_files
        from xray_app.readers import MAX_SECONDS
        from xray_app.readers.dicom import DECODERS
        from xray_app.readers.sandbox import prime

        prime()
    # GDCM aborts on some damaged lossless JPEGs, which its own process contains; here it would end
    # each run after a minute
    for uid, names in DECODERS.items():
        DECODERS[uid] = tuple(name for name in names if name != "gdcm")
    with tempfile.TemporaryDirectory() as seeds:
        for i, case in enumerate(whole_files()):
            if len(case.data) < SEED_BYTES:
                (Path(seeds) / f"{i:04}").write_bytes(case.data)
        arguments = [
            sys.argv[0],
            f"-max_total_time={options.seconds}",
            f"-timeout={MAX_SECONDS}",
            "-rss_limit_mb=4096",
            f"-max_len={SEED_BYTES}",
            f"-artifact_prefix={options.crashes}/",
            seeds,
        ]
        atheris.Setup(arguments, _target())
        atheris.Fuzz()
    return 0


def _target() -> Callable[[bytes], None]:
    """Read one input in this process; the fuzzer notices whatever else happens."""
    from xray_app.core import InputError
    from xray_app.readers import expand, read_radiograph

    def read(data: bytes) -> None:
        for reader in (read_radiograph, expand):
            try:
                reader(data, "")
            except InputError as error:
                sentence = str(error)
                if not sentence.endswith(".") or not sentence.isprintable():
                    raise AssertionError(sentence) from error

    return read


if __name__ == "__main__":
    sys.exit(main())
