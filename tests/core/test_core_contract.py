"""The measured contract: figures worked out by hand, and the words that follow from them."""

import numpy as np
import pytest

from xray_app.core.normalization.contract import measure_contract
from xray_app.presentation.words import contract_figures

RANGE = (-2.0, 2.0)


def trained() -> np.ndarray:
    """A ramp over the whole training range; its deviation is 4 / sqrt(12) = 1.1547."""
    ramp = np.linspace(-2, 2, 64 * 64, dtype=np.float32).reshape(64, 64, 1)
    return np.repeat(ramp, 3, axis=-1)


def test_the_same_tensor_matches() -> None:
    report = measure_contract(trained(), trained(), RANGE)
    assert report.verdict == "matches"
    assert report.gain == pytest.approx(1.0)
    assert report.offset == pytest.approx(0.0, abs=1e-9)
    assert report.correlation == pytest.approx(1.0)
    assert report.coverage == pytest.approx(1.0)


def test_contrast_divided_by_255() -> None:
    report = measure_contract(trained() / 255 - 2, trained(), RANGE)
    assert report.verdict == "mismatch"
    assert report.gain == pytest.approx(1 / 255, rel=1e-4)
    assert report.offset == pytest.approx(-2.0)
    # The lower half of a ramp of height 4 / 255 around -2 lies outside the range.
    assert report.coverage == pytest.approx(0.5 / 255, rel=1e-2)
    assert report.headline == "Contrast divided by 255"
    assert report.message == (
        "Normalised twice: the contrast that reaches the first convolution is divided by 255, so "
        "the prediction below can't be relied on."
    )


@pytest.mark.parametrize(
    ("received", "verdict", "headline"),
    [
        (lambda x: 1.005 * x, "matches", "Fits training"),
        (lambda x: x + 0.03, "matches", "Fits training"),
        (lambda x: 1.02 * x, "contrast", "Same range, contrast changed"),
        (lambda x: np.sign(x) * x**2 / 2, "contrast", "Same range, contrast changed"),
        (lambda x: x / 127.5, "mismatch", "Contrast divided by 127.5"),
        (lambda x: 255 * x, "mismatch", "Contrast multiplied by 255"),
        (lambda x: -x, "mismatch", "Negative"),
        (lambda x: x - 1.5, "mismatch", "Shifted darker"),
        (lambda x: x + 1.5, "mismatch", "Shifted brighter"),
        (lambda x: 0 * x, "mismatch", "No contrast left"),
        (lambda x: np.cos(8 * x), "mismatch", "Another image"),
    ],
)
def test_verdicts(received, verdict: str, headline: str) -> None:
    report = measure_contract(received(trained()), trained(), RANGE)
    assert (report.verdict, report.headline) == (verdict, headline)
    assert report.message.endswith(".")


def test_a_uniform_image_has_no_gain() -> None:
    flat = np.full((8, 8, 3), 0.5, np.float32)
    same = measure_contract(flat, flat, RANGE)
    assert (same.verdict, same.gain, same.offset, same.correlation) == ("matches", *[None] * 3)
    assert "nothing to see" in same.message
    moved = measure_contract(flat - 2, flat, RANGE)
    assert moved.verdict == "mismatch"
    assert "50%" in moved.message


@pytest.mark.parametrize("noise", [0.0, 1e-7])  # less than float32 resolves is none
def test_without_contrast_there_is_no_correlation(noise: float) -> None:
    flat = np.float32(0.1) + np.float32(noise) * trained()
    report = measure_contract(flat, trained(), RANGE)
    assert (report.verdict, report.headline) == ("mismatch", "No contrast left")
    assert report.gain == pytest.approx(0.0, abs=1e-6)
    assert report.offset == pytest.approx(0.1)
    assert report.correlation is None
    assert "correlation undefined, covers 0.0%" in contract_figures(report)
