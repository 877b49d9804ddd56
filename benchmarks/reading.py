"""Time and peak memory of reading in a process apart, and what that costs over reading directly.

    python -m benchmarks.reading --largest   the largest images that are accepted, 64 million pixels
    python -m benchmarks.reading --overhead  a radiograph of usual size, warm

The files are made by another process, so that the figures are the readers' alone.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from xray_app.core import InputError
from xray_app.readers import ReadOptions, read_isolated, read_radiograph
from xray_app.readers.sandbox import Pool

SIDE = 8_000  # 64 million pixels, the limit
KINDS = ("png8", "png16", "rgb16", "jpeg", "tiff32", "dicom", "dicom_rle", "dicom_jls", "dicom_j2k")


def make(kind: str, side: int, path: Path) -> None:
    """Write a file of ``side`` x ``side`` pixels."""
    import io

    import imagecodecs
    import numpy as np
    import tifffile
    from pydicom import dcmread
    from pydicom.encaps import encapsulate
    from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

    from tests.readers.reader_files import dicom

    rows, columns = np.arange(side) / side, np.arange(side) / side
    scene = np.add.outer(np.sin(9 * rows) + 1, np.cos(7 * columns) + 1).astype(np.float32) / 4
    scene += np.random.default_rng(0).normal(0, 0.002, side).astype(np.float32)
    deep = (scene.clip(0, 1) * 4095).astype(np.uint16)
    shallow = (deep >> 4).astype(np.uint8)
    tags = {
        "PhotometricInterpretation": "MONOCHROME1",
        "RescaleSlope": "1.5",
        "RescaleIntercept": "-3",
        "WindowCenter": 2000,
        "WindowWidth": 3000,
        "PixelPaddingValue": 0,
    }
    out = io.BytesIO()
    if kind == "png8":
        data = imagecodecs.png_encode(shallow)
    elif kind == "png16":
        data = imagecodecs.png_encode(deep)
    elif kind == "rgb16":
        data = imagecodecs.png_encode(np.stack([deep, deep[::-1], deep], -1), level=1)
    elif kind == "jpeg":
        data = imagecodecs.jpeg8_encode(shallow, level=90)
    elif kind == "tiff32":
        tifffile.imwrite(out, scene, compression="zlib", predictor=3, rowsperstrip=64)
        data = out.getvalue()
    elif kind == "dicom":
        data = dicom(deep, bits=12, **tags)
    elif kind == "dicom_rle":
        dataset = dcmread(io.BytesIO(dicom(deep, bits=12, **tags)))
        dataset.compress(RLELossless)
        dataset.save_as(out)
        data = out.getvalue()
    else:
        is_jls = kind == "dicom_jls"
        frame = (
            imagecodecs.jpegls_encode(deep)
            if is_jls
            else imagecodecs.jpeg2k_encode(deep, codecformat="j2k", reversible=True, level=0)
        )
        syntax = JPEGLSLossless if is_jls else JPEG2000Lossless
        data = dicom(deep, bits=16, syntax=syntax, encapsulated=encapsulate([frame]), **tags)
    path.write_bytes(data)


def measure_largest(kind: str) -> str:
    """A row of the table: what the largest file of a kind takes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / kind
        run_self("--make", kind, str(path))
        return run_self("--one", kind, str(path)).strip()


def run_self(*arguments: str) -> str:
    """This script's output in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.reading", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def read_one(kind: str, path: Path) -> str:
    """Read once; the peak is that of the decoding process, which starts before the file is read."""
    pool = Pool(size=1)
    pool.start_one()
    pool.ask("expand", b"not an archive", "")  # it has started once it answers
    data = path.read_bytes()
    start = time.perf_counter()
    try:
        pool.ask("read", data, "", ReadOptions())
        outcome = "read"
    except InputError as error:
        outcome = str(error)
    seconds = time.perf_counter() - start
    time.sleep(0.5)  # until its parent has noticed its end, and so its peak
    pool.close()
    apart = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    here = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = len(data) / 1e6
    return f"| {kind} | {size:.1f} | {seconds:.1f} | {apart:.0f} | {here:.0f} | {outcome} |"


def overhead(kind: str, side: int, repeats: int) -> str:
    """Medians of alternating reads, apart and directly, and the difference of their fastest."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / kind
        run_self("--make", kind, str(path), "--side", str(side))
        data = path.read_bytes()
    apart, direct = [], []
    for _ in range(repeats + 1):
        for read, times in ((read_isolated, apart), (read_radiograph, direct)):
            start = time.perf_counter()
            read(data)
            times.append(time.perf_counter() - start)
            time.sleep(0.03)  # a visitor's pause; the next process gets ready meanwhile
    (a, d), (a_min, d_min) = (
        [1e3 * figure(times[1:]) for times in (apart, direct)] for figure in (median, min)
    )
    shown = (
        f"| {kind} | {side} x {side} | {len(data) / 1e6:.2f} | {a:.1f} | {d:.1f} | {a - d:.1f} |"
    )
    return f"{shown} {a_min - d_min:.1f} |"


def main() -> None:
    """Run what is asked for and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--largest", action="store_true")
    parser.add_argument("--overhead", action="store_true")
    parser.add_argument("--make", nargs=2, metavar=("KIND", "FILE"))
    parser.add_argument("--one", nargs=2, metavar=("KIND", "FILE"))
    parser.add_argument("--side", type=int, default=SIDE)
    options = parser.parse_args()
    if options.make:
        make(options.make[0], options.side, Path(options.make[1]))
    if options.one:
        print(read_one(options.one[0], Path(options.one[1])))
    if options.largest:
        print("| file | MB | seconds | peak MB apart | peak MB here | outcome |")
        print("| --- | ---: | ---: | ---: | ---: | --- |")
        for kind in KINDS:
            print(measure_largest(kind), flush=True)
    if options.overhead:
        print("| file | pixels | MB | ms apart | ms directly | ms more | fastest of each |")
        print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
        for kind, side in (("jpeg", 2_000), ("png8", 1_500), ("png16", 1_200), ("dicom", 1_000)):
            print(overhead(kind, side, 31), flush=True)


if __name__ == "__main__":
    main()
