"""The grid of contrasts and scales: its cells, its sentences, and its figures in the terminal."""

import dataclasses

import numpy as np
import pytest

from tests.conftest import make_radiograph
from tests.fakes import FakeEngine
from xray_app.cards import named_schemes
from xray_app.core.errors import InputError, UnknownChoice
from xray_app.core.normalization import CONTRASTS, PRESETS, SCALES, normalize, paired, scheme_grid
from xray_app.core.normalization.schemes import normalize_each
from xray_app.diagnosis.comparison import Comparison, compare
from xray_app.diagnosis.scheme_grid import Grid, blank_answers, grid_for, scale_effects
from xray_app.presentation.grid_words import grid_sentences, grid_text

LABELS = {"normal": "Normal", "bacterial_pneumonia": "Bacterial", "viral_pneumonia": "Viral"}
BRIGHT = make_radiograph(np.tile(np.linspace(128, 255, 32).astype(np.uint8), (32, 1)))


def test_every_pair_is_there_once_and_presets_keep_their_names() -> None:
    names = [scheme.name for row in scheme_grid() for scheme in row]
    assert len(names) == len(set(names)) == len(CONTRASTS) * len(SCALES)
    assert set(PRESETS) <= set(names)
    assert paired("none", "byte") is PRESETS["raw"]
    with pytest.raises(UnknownChoice, match="contrast step 'clake'"):
        scheme_grid(["clake"])


def test_each_contrast_is_computed_once_and_gives_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    display = np.random.default_rng(3).random((20, 24)).astype(np.float32)
    schemes = [s for row in scheme_grid(scales=["byte", "unit", "zscore"]) for s in row]
    alone = [normalize(display, scheme).array for scheme in schemes]
    calls: list[str] = []
    from xray_app.core.normalization import schemes as module

    whole = module.adjust_contrast
    monkeypatch.setattr(
        module, "adjust_contrast", lambda image, c: calls.append(c.name) or whole(image, c)
    )
    together = normalize_each(display, schemes)
    assert calls == list(CONTRASTS)
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other.array)


def compared(fake: FakeEngine, **axes: list[str]) -> tuple[Comparison, Grid]:
    grid = grid_for(fake.card, **axes)
    return compare(fake, BRIGHT, grid.names), grid


def test_a_scale_whose_statistics_are_unknown_is_left_out(fake: FakeEngine) -> None:
    contract = fake.card.contract.model_copy(update={"mean": None, "variance": None})
    card = fake.card.model_copy(update={"contract": contract})
    assert card.contract.statistics is None
    assert all(s.scale.name != "dataset" for row in grid_for(card).rows for s in row)
    assert len(grid_for(card).columns) == len(SCALES) - 1


def test_a_grid_of_what_the_model_lacks_is_refused(fake: FakeEngine) -> None:
    contract = fake.card.contract.model_copy(update={"mean": None, "variance": None})
    card = fake.card.model_copy(update={"contract": contract})
    with pytest.raises(InputError, match=r"received 'dataset', .* states none"):
        grid_for(card, scales=["dataset"])
    with pytest.raises(InputError, match=r"received 'clahe\+dataset'"):
        named_schemes(card, ["raw", "clahe+dataset"])
    assert named_schemes(card, ["raw", "rescale"]) == ("raw", "rescale")
    assert named_schemes(fake.card, ["dataset"]) == ("dataset",)


def test_effects_by_hand(fake: FakeEngine) -> None:
    """The fake tells bright from dark by the mean: divided by 255 all is dark, so normal."""
    comparison, grid = compared(fake, contrasts=["none", "minmax"], scales=["byte", "unit"])
    byte, unit = scale_effects(comparison, grid, blank_answers(fake, grid))
    assert [cell.scheme for cell in byte.cells] == ["raw", "minmax+byte"]
    assert (byte.is_blind, unit.is_blind, unit.flips) == (False, True, 2)
    # In [0, 1] of 255 nothing is ever bright: black, gray and white are one to the fake.
    assert unit.sees < 0.01


def test_an_answer_like_that_of_one_blank_alone_still_sees(fake: FakeEngine) -> None:
    """White as trained is bright, black dark: only an answer that all blanks get is blind."""
    grid = grid_for(fake.card, ["none"], ["byte"])
    black, gray, white = blank_answers(fake, grid)["byte"]
    assert np.abs(black - white).max() > 0.5
    assert gray.sum() == pytest.approx(1.0)
    comparison = compare(fake, make_radiograph(np.full((32, 32), 255, np.uint8)), grid.names)
    (effect,) = scale_effects(comparison, grid, blank_answers(fake, grid))
    assert not effect.is_blind


def test_sentences(fake: FakeEngine) -> None:
    comparison, grid = compared(fake, contrasts=["none", "minmax"], scales=["byte", "unit"])
    contrast, scale = grid_sentences(comparison, grid, LABELS, blank_answers(fake, grid))
    assert contrast.startswith("Contrast: at the model's own scale (bytes, 0 to 255) ")
    assert scale.startswith("Scale: of 1 others, under `unit` the answer is Normal whatever")
    alone, of = compared(fake, contrasts=["none"], scales=["unit"])
    assert len(grid_sentences(alone, of, LABELS, blank_answers(fake, of))) == 1


def test_a_contrast_that_flips_is_named(fake: FakeEngine) -> None:
    comparison, grid = compared(fake, contrasts=["none", "minmax"], scales=["byte"])
    rows = tuple(
        dataclasses.replace(row, flips=True, predicted="viral_pneumonia")
        if row.scheme == "minmax+byte"
        else row
        for row in comparison.rows
    )
    changed = dataclasses.replace(comparison, rows=rows)
    (sentence,) = grid_sentences(changed, grid, LABELS, blank_answers(fake, grid))
    assert "1 of 1 other contrasts changes the class" in sentence
    assert sentence.endswith("as trained, Viral under `minmax+byte`.")


def test_the_terminal_has_a_row_a_contrast(fake: FakeEngine) -> None:
    comparison, grid = compared(fake)
    lines = grid_text(comparison, grid, LABELS).splitlines()
    assert len(lines) == 1 + len(CONTRASTS)
    assert lines[0].split()[:3] == ["contrast", "byte", "(own)"]
    assert [line.split()[0] for line in lines[1:]] == list(CONTRASTS)
    assert lines[1].split()[1] == "="
