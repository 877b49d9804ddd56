"""The bundled model on real radiographs: what the card and the README say of it."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.stats import rankdata

from xray_app.core.images.resampling import resize
from xray_app.core.normalization.schemes import normalize, parse_scheme
from xray_app.core.probabilities import softmax
from xray_app.diagnosis.diagnosis import diagnose
from xray_app.diagnosis.scheme_pass import Choices
from xray_app.engines.protocol import Engine
from xray_app.readers import read_radiograph
from xray_app.samples.catalogue import list_samples, read_sample


def test_full_size_radiographs(bundled: Engine, data_directory: Path) -> None:
    """At least 16 of 18 right as trained; divided by 255 first, every one is a mismatch."""
    files = sorted((data_directory / "full_size").iterdir())
    right, mismatches = 0, 0
    for file in files:
        radiograph = read_radiograph(file.read_bytes(), file.name)
        trained = diagnose(bundled, radiograph, Choices(scheme="raw"))
        assert trained.contract.verdict == "matches"
        right += (trained.prediction.predicted == "normal") == file.name.startswith("normal")
        rescaled = diagnose(bundled, radiograph, Choices(scheme="rescale"))
        mismatches += rescaled.contract.verdict == "mismatch"
        assert rescaled.contract.gain == pytest.approx(1 / 255, rel=1e-3)
        assert rescaled.contract.headline == "Contrast divided by 255"
    assert len(files) == 18
    assert right >= 16
    assert mismatches == 18


def test_samples_are_read_and_called_by_their_class(bundled: Engine) -> None:
    names = list_samples()
    right = 0
    for name in names:
        result = diagnose(bundled, read_radiograph(read_sample(name)), Choices())
        right += name.startswith(result.prediction.predicted)
    assert len(names) == 12
    assert right >= 9  # the fourth of each pneumonia class is a hard case on purpose


def area_under_the_curve(scores: np.ndarray, positive: np.ndarray) -> float:
    """Mann and Whitney's rank formula."""
    count = positive.sum()
    ranks = rankdata(scores)[positive].sum() - count * (count + 1) / 2
    return float(ranks / (count * (~positive).sum()))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scheme", "figure"), [("raw", "positive against negative"), ("rescale", "fed as rescale")]
)
def test_area_under_the_curve(
    bundled: Engine, data_directory: Path, scheme: str, figure: str
) -> None:
    """The figures of the card, on the official 624 test images."""
    scores, positive = [], []
    with zipfile.ZipFile(data_directory / "kermany_cxr_224.zip") as archive:
        names = sorted(n for n in archive.namelist() if n.startswith("test/") and n[-1] != "/")
        for start in range(0, len(names), 16):
            batch = []
            for name in names[start : start + 16]:
                pixels = np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("L"))
                display = resize(pixels / 255, bundled.card.input.height, bundled.card.input.width)
                batch.append(normalize(display, parse_scheme(scheme)).array)
                positive.append("/NORMAL/" not in name)
            scores.extend(1 - softmax(bundled.forward(np.stack(batch)).logits)[:, 0])
    assert len(names) == 624
    area = area_under_the_curve(np.array(scores), np.array(positive))
    print(f"{scheme}: AUC {area:.4f}")
    (metric,) = (m for m in bundled.card.metrics if m.name == f"AUC, {figure}")
    assert area == pytest.approx(metric.value, abs=0.002)
