import json
from dataclasses import replace
from pathlib import Path

import pytest

from xray_app.core.classifier_metrics import Interval
from xray_app.core.errors import InputError
from xray_app.study.conclusion import _chance, _studentized_range, conclude
from xray_app.study.records import (
    FORMAT,
    Cell,
    EpochRecord,
    Run,
    Study,
    read_study,
    to_plain,
)

SCHEMES = ("raw", "rescale", "signed")
Figures = dict[tuple[str, str, str], float]


def cell(scheme: str, auc: float) -> Cell:
    around = Interval(auc, auc - 0.01, auc + 0.01)
    return Cell(scheme, around, around, around, around, around)


def made_up(figures: Figures, default: float, noise: float = 0.003, shared: float = 0.0) -> Study:
    """A study in which (regime, trained, fed) has the AUC given, else the default if matched.

    Seeds differ by ``noise``, up for one scheme and down for the next, and by ``shared`` for all.
    Net of the seeds' means the three schemes differ by 2/3, 4/3 and 2/3 of the noise.
    """

    def run(regime: str, trained: str, seed: int) -> Run:
        sign = 1 - 2 * (SCHEMES.index(trained) % 2)
        shift = (sign * noise + shared) * (seed - 0.5)
        cells = tuple(cell(f, figures.get((regime, trained, f), default) + shift) for f in SCHEMES)
        return Run(regime, trained, seed, False, (EpochRecord(1, 0.5, 0.4, 0.9, None),), cells)

    regimes = ("scratch", "no-batchnorm", "frozen")
    runs = tuple(run(r, s, seed) for r in regimes for seed in (0, 1) for s in SCHEMES)
    return Study(
        format=FORMAT,
        architecture="MadeUpNet",
        size=32,
        parameters=7,
        classes=("normal", "sick"),
        data={"name": "made up"},
        statistics={"mean": 0.5, "std": 0.2},
        schemes=SCHEMES,
        seeds=(0, 1),
        regimes=regimes,
        regime_notes=dict.fromkeys(regimes, "note"),
        settings={"epochs": 1},
        versions={"keras": "3"},
        date="2026-01-01",
        command="python",
        runs=runs,
    )


MISMATCH: Figures = {("scratch", a, b): 0.55 for a in SCHEMES for b in SCHEMES if a != b}


def test_a_study_in_which_batchnorm_helps_and_a_mismatch_harms() -> None:
    bare = {("no-batchnorm", "raw", "raw"): 0.61, ("frozen", "raw", "raw"): 0.7}
    choice, mismatch, batchnorm = conclude(made_up({**MISMATCH, **bare}, 0.95))
    assert "hardly matters (by chance alone the range may be 0.0" in choice
    assert "MadeUpNet at 32 pixels" in choice
    assert "is what does harm" in mismatch
    assert "median of -0.400" in mismatch
    assert "6 of 6 pairs" in mismatch
    assert "it is BatchNorm that makes the choice of scheme harmless" in batchnorm
    assert "0.610" in batchnorm
    assert batchnorm.endswith("0.700 (raw) to 0.950 (rescale), and the scheme matters.")


def test_the_reverse_study_gives_the_reverse_sentences() -> None:
    choice, mismatch, batchnorm = conclude(
        made_up({("scratch", "raw", f): 0.8 for f in SCHEMES}, 0.95)
    )
    assert "0.800 (raw) to 0.950" in choice
    assert "scheme matters" in choice
    assert "is harmless here" in mismatch
    assert "0 of 6 pairs" in mismatch
    assert "BatchNorm does not make the choice of scheme harmless" in batchnorm
    assert batchnorm.endswith("and the scheme hardly matters.")


def test_harmless_with_and_without_batchnorm() -> None:
    figures = {("scratch", "raw", "signed"): 0.6}
    _, mismatch, batchnorm = conclude(made_up(figures, 0.95))
    assert "does harm for some pairs" in mismatch
    assert "trained on raw, fed signed" in mismatch
    assert "1 of 6 pairs" in mismatch
    assert "it is not BatchNorm that makes" in batchnorm


def test_noise_between_seeds_is_not_taken_for_a_difference() -> None:
    figures = {("scratch", "raw", "raw"): 0.92}
    assert "scheme matters" in conclude(made_up(figures, 0.95))[0]
    assert "hardly matters" in conclude(made_up(figures, 0.95, noise=0.04))[0]
    # What a seed does to every scheme alike is no noise in a comparison of schemes.
    assert "scheme matters" in conclude(made_up(figures, 0.95, shared=0.04))[0]


def test_one_seed_has_the_bootstrap_for_its_noise() -> None:
    study = made_up({}, 0.9)
    single = replace(study, runs=tuple(r for r in study.runs if r.seed == 0))
    assert conclude(single)[0].endswith("(by chance alone the range may be 0.020).")


def test_chance_is_tukeys_honestly_significant_difference() -> None:
    """Three schemes, two seeds: q(0.95; 3, 2) = 8.331 (Tukey's table), residuals by hand."""
    aucs = ((0.90, 0.92), (0.91, 0.91), (0.92, 0.90))
    own = [{seed: Interval(v, v, v) for seed, v in enumerate(row)} for row in aucs]
    # Every mean is 0.91, so the residuals are -0.01, 0.01, 0, 0, 0.01 and -0.01.
    assert _chance(own) == pytest.approx(8.331 * (4e-4 / 2 / 2) ** 0.5, rel=0.01)


@pytest.mark.parametrize(
    ("groups", "freedom", "table"), [(3, 2, 8.331), (3, 10, 3.877), (11, 20, 5.108)]
)
def test_studentized_range_is_that_of_tukeys_table(groups: int, freedom: int, table: float) -> None:
    assert _studentized_range(groups, freedom) == pytest.approx(table, rel=0.01)


def test_missing_regimes_are_said_to_be_missing() -> None:
    study = made_up({}, 0.9)
    empty = conclude(replace(study, runs=()))
    assert all("can't say" in sentence for sentence in empty)
    scratch = conclude(replace(study, runs=study.of("scratch")))
    assert "can't say" not in scratch[0]
    assert "can't say what BatchNorm does." in scratch[2]


def test_study_survives_its_file(tmp_path: Path) -> None:
    study = made_up(MISMATCH, 0.95, noise=0)
    path = tmp_path / "study.json"
    path.write_text(json.dumps(to_plain(study)))
    assert read_study(path) == study
    assert study.is_complete
    assert not replace(study, runs=study.runs[1:]).is_complete
    matrix = study.matrix("scratch", "auc")
    assert matrix[0] == pytest.approx((0.95, 0.55, 0.55))
    assert study.figure("scratch", "raw", "raw", "ece") == pytest.approx(0.95)
    assert replace(study, runs=()).matrix("scratch", "auc")[0] == (None, None, None)


def test_figures_keep_five_digits_and_no_nan() -> None:
    record = EpochRecord(1, 0.123456789, float("nan"), 0.5, None)
    plain = to_plain(record)
    assert plain["loss"] == 0.12346
    assert plain["validation_loss"] is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": 99}, "expected format 1, received 99"),
        ({"size": "big"}, "field size: Input should be a valid integer, received 'big'"),
        ({"runs": [{}]}, "field runs.0.regime: Field required"),
        ({"extra": 1}, "field extra: "),
        ({"seeds": [0.5]}, "field seeds.0: "),
    ],
)
def test_a_wrong_study_file_is_named(tmp_path: Path, change: object, sentence: str) -> None:
    path = tmp_path / "study.json"
    path.write_text(json.dumps(to_plain(made_up({}, 0.9)) | change))
    with pytest.raises(InputError, match=sentence):
        read_study(path)


def test_an_unreadable_study_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Can't read study study.json"):
        read_study(tmp_path / "study.json")
    (tmp_path / "study.json").write_text("{")
    with pytest.raises(InputError, match="Study study.json is not JSON"):
        read_study(tmp_path / "study.json")


def test_regimes_from_imagenets_weights_are_told_by_themselves() -> None:
    plain = made_up({("scratch", "raw", "raw"): 0.80, ("scratch", "raw", "signed"): 0.50}, 0.9)
    runs = tuple(replace(r, regime="finetuned") for r in plain.runs if r.regime == "scratch")
    study = replace(plain, runs=runs, regimes=("finetuned",))
    choice, cost = conclude(study)
    assert choice.startswith(
        "Fine-tuned from ImageNet's weights with BatchNorm learning, MadeUpNet at 32 pixels, fed "
        "what it was trained with, reaches AUC 0.800 (raw) to 0.900 (rescale): the choice of "
        "scheme matters"
    )
    assert "at worst by -0.300 (trained on raw, fed signed)" in cost


def test_seeds_on_one_frozen_backbone_do_not_make_a_difference_sure() -> None:
    """Intervals are 0.02 wide: a difference of 0.015 is none, however alike the seeds are."""
    plain = made_up({("scratch", "raw", "raw"): 0.885}, 0.9, noise=0.0)
    runs = tuple(
        replace(r, regime="pretrained-frozen") for r in plain.runs if r.regime == "scratch"
    )
    study = replace(plain, runs=runs, regimes=("pretrained-frozen",))
    assert "hardly matters (by chance alone the range may be 0.020)" in conclude(study)[0]
