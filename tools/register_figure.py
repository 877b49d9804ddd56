"""Draw docs/register.png: a sample's map by the first weights and by these.

    python -m tools.register_figure MODELS_OF_THE_FIRST_WEIGHTS

The first weights are those of an earlier version of this repository; their folder is given.
"""

import sys
from contextlib import closing
from pathlib import Path

import numpy as np
from PIL import Image

from xray_app.core.images import encode_png, heat_for_display, radiograph_for_display
from xray_app.core.images.colour import blend
from xray_app.diagnosis import Choices, diagnose
from xray_app.engines import default_model, open_engine
from xray_app.readers import read_radiograph
from xray_app.samples import read_sample

SAMPLE, SIDE, GAP = "bacterial_pneumonia_1", 384, 12
TARGET = Path(__file__).parents[1] / "docs" / "register.png"


def overlay(models: Path | None) -> np.ndarray:
    """(SIDE, SIDE, 3) uint8: the sample's map by the default model of a folder of models."""
    radiograph = read_radiograph(read_sample(SAMPLE), SAMPLE)
    with closing(open_engine(default_model(), models)) as engine:
        diagnosis = diagnose(engine, radiograph, Choices())
    display = radiograph_for_display(radiograph)
    heat = heat_for_display(diagnosis.saliency, diagnosis.saliency_scale, *display.shape)
    image = Image.fromarray(blend(display, heat))
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def main() -> None:
    """Draw both beside one another."""
    first, new = overlay(Path(sys.argv[1])), overlay(None)
    gap = np.full((SIDE, GAP, 3), 255, np.uint8)
    TARGET.write_bytes(encode_png(np.concatenate([first, gap, new], axis=1)))


if __name__ == "__main__":
    main()
