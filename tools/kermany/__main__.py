"""Make the children's data set from what its authors published, image for image.

    python -m tools.kermany ChestXRay2017.zip kermany_cxr_224.zip

The download is Kermany, Zhang, Goldbaum: Labeled Optical Coherence Tomography (OCT) and Chest X-Ray
Images for Classification, Mendeley Data, V2, doi:10.17632/rscbjbr9sj.2, CC BY 4.0, as a zip or a
folder with ``train/`` and ``test/``; copies that keep its file names and folders will do.
``images.csv`` lists which image is in which split and class, with a digest of its pixels as they
are to become: gray, 224 x 224 by Pillow's antialiased bilinear kernel, stretched, and saved as JPEG
of quality 75. What the list lacks are exact duplicates.
"""

import argparse
import csv
import sys
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path, PurePosixPath

from PIL import Image

from tools.log import say
from xray_app.core import InputError
from xray_app.readers import open_image_files

_SIZE = (224, 224)
_QUALITY = 75
_LIST = Path(__file__).with_name("images.csv")


def listed() -> dict[tuple[bool, str], tuple[str, str]]:
    """Where an image goes and its digest, by whether it is an official test image and its name."""
    with _LIST.open(newline="") as file:
        rows = [(PurePosixPath(place), digest) for place, digest in csv.reader(file)]
    return {(p.parts[0] == "test", p.name): (str(p), digest) for p, digest in rows}


def reduced(data: bytes) -> bytes:
    """A published radiograph as it is in the data set: JPEG, 224 x 224, gray."""
    with Image.open(BytesIO(data)) as image:
        small = image.convert("L").resize(_SIZE, Image.Resampling.BILINEAR)
    small.save(out := BytesIO(), "JPEG", quality=_QUALITY)
    return out.getvalue()


def digest_of(data: bytes) -> str:
    """Eight hexadecimal digits of the SHA-256 of an image's pixels."""
    with Image.open(BytesIO(data)) as image:
        return sha256(image.convert("L").tobytes()).hexdigest()[:8]


def made(download: Path) -> Iterator[tuple[str, bytes, bool]]:
    """Each image's place in the data set, its file, and whether its pixels are as listed."""
    places = listed()
    with open_image_files(download) as files:
        for name in files.names:
            path = PurePosixPath(name)
            place, digest = places.get(("test" in path.parts, path.name), ("", ""))
            if place:
                image = reduced(files.read(name))
                yield place, image, digest_of(image) == digest


def write(download: Path, out: Path) -> tuple[int, int, int]:
    """Write the data set; return how many images it has, how many it should, how many differ."""
    images: dict[str, tuple[bytes, bool]] = {}
    for place, image, is_listed in made(download):
        images[place] = image, is_listed
    with zipfile.ZipFile(out, "w") as archive:
        for place, (image, _) in sorted(images.items()):
            archive.writestr(zipfile.ZipInfo(place), image)
    return len(images), len(listed()), sum(not same for _, same in images.values())


def main() -> int:
    """Write it, and say whether it is the one that the figures are of."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("download", type=Path, help="zip or folder with train/ and test/")
    parser.add_argument("out", type=Path, help="the zip to write")
    options = parser.parse_args()
    try:
        found, expected, different = write(options.download, options.out)
    except (InputError, OSError) as error:
        say(str(error))
        return 2
    say(f"{found:,} of {expected:,} images; {different:,} with other pixels than listed.")
    return int(found < expected or different > 0)


if __name__ == "__main__":
    sys.exit(main())
