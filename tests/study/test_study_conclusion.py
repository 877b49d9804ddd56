from dataclasses import replace

import pytest

from tests.study.made_up import MISMATCH, SCHEMES, Figures, made_up, renamed
from xray_app.core.classifier_metrics import Interval
from xray_app.study.conclusion import conclude
from xray_app.study.records import Cell, Run, Study

CHOICE = "Does the choice of scheme matter"
COST = "What does another scheme at inference cost?"
IMAGENET = "Does a network that starts from ImageNet's weights"
STUCK = "Does a wrong scale leave training stuck"
EPOCHS = "How many epochs"
BATCHNORM = "Is it BatchNorm"


def answer(study: Study, question: str) -> str:
    (found,) = (a.text for a in conclude(study) if a.question.startswith(question))
    return found


def asked(study: Study) -> list[str]:
    questions = (CHOICE, COST, IMAGENET, STUCK, EPOCHS, BATCHNORM)
    return [q for a in conclude(study) for q in questions if a.question.startswith(q)]


def changed(study: Study, regime: str, scheme: str, **figures: Interval) -> Study:
    """The study with other figures in one matched cell of every seed."""

    def cell(run: Run, of: Cell) -> Cell:
        matched = (run.regime, run.scheme, of.scheme) == (regime, scheme, scheme)
        return replace(of, **figures) if matched else of

    runs = (replace(r, cells=tuple(cell(r, c) for c in r.cells)) for r in study.runs)
    return replace(study, runs=tuple(runs))


def without(study: Study, regime: str, scheme: str, seed: int | None = None) -> Study:
    """The study before these runs."""
    kept = (
        r
        for r in study.runs
        if (r.regime, r.scheme) != (regime, scheme) or seed not in (None, r.seed)
    )
    return replace(study, runs=tuple(kept))


def test_a_study_in_which_batchnorm_helps_and_a_mismatch_harms() -> None:
    bare = {("no-batchnorm", "raw", "raw"): 0.61, ("frozen", "raw", "raw"): 0.7}
    study = made_up({**MISMATCH, **bare}, 0.95)
    assert answer(study, CHOICE) == (
        "Hardly when trained from scratch (AUC 0.950 with all). It does when trained from scratch "
        "without BatchNorm (AUC 0.610 with raw to 0.950 with rescale) and under a new head on a "
        "frozen backbone (AUC 0.700 with raw to 0.950 with rescale)."
    )
    assert answer(study, COST).startswith(
        "It does harm when trained from scratch (AUC changes by a median of -0.400, at worst "
        "-0.400: trained on raw, fed "
    )
    assert "It is harmless when trained from scratch without BatchNorm (" in answer(study, COST)
    assert answer(study, BATCHNORM) == (
        "Yes: AUC, fed as trained, ranges over 0.340 without it (lowest 0.610, raw) and over 0.000 "
        "with it."
    )


def test_the_reverse_study_gives_the_reverse_answers() -> None:
    study = made_up({("scratch", "raw", f): 0.8 for f in SCHEMES}, 0.95)
    assert "It does when trained from scratch (AUC 0.800 with raw to 0.950" in answer(study, CHOICE)
    assert answer(study, COST).startswith("It is harmless when trained from scratch (")
    said = answer(study, BATCHNORM)
    assert said.startswith("No, the choice is not harmless with BatchNorm: ")
    both = made_up({(r, "raw", f): 0.8 for r in ("scratch", "no-batchnorm") for f in SCHEMES}, 0.95)
    said = answer(both, BATCHNORM)
    assert said.startswith("No, the choice is not harmless with BatchNorm either: ")


def test_harmless_with_and_without_batchnorm() -> None:
    study = made_up({("scratch", "raw", "signed"): 0.6}, 0.95)
    assert answer(study, COST).startswith("It does for some pairs when trained from scratch (")
    assert "at worst -0.350: trained on raw, fed signed)" in answer(study, COST)
    assert answer(study, BATCHNORM).startswith("No, it is harmless without as well: ")


def test_it_is_not_batchnorm_where_it_is_not_known_to_be_harmless() -> None:
    """With it seeds hide 0.1; without it schemes differ by 0.35."""
    bare = made_up({("no-batchnorm", "raw", "raw"): 0.6}, 0.95)
    noisy = made_up({}, 0.95, noise=0.04)
    runs = (*noisy.of("scratch"), *bare.of("no-batchnorm"))
    study = replace(bare, runs=runs)
    assert "It can't be told when trained from scratch (" in answer(study, CHOICE)
    assert answer(study, BATCHNORM).startswith("It can't be told: ")


def test_a_range_little_wider_without_batchnorm_is_no_yes() -> None:
    """0.015 with and 0.025 without, where other patients make 0.02."""
    figures = {("scratch", "raw", "raw"): 0.935, ("no-batchnorm", "raw", "raw"): 0.925}
    said = answer(made_up(figures, 0.95, noise=0.0), BATCHNORM)
    assert said.startswith("It can't be told: ")


def test_noise_between_seeds_is_not_taken_for_a_difference() -> None:
    figures = {("scratch", "raw", "raw"): 0.90}
    matters = "It does when trained from scratch ("
    assert matters in answer(made_up(figures, 0.95), CHOICE)
    # What a seed does to every scheme alike is no noise in a comparison of schemes.
    assert matters in answer(made_up(figures, 0.95, shared=0.04), CHOICE)
    noisy = answer(made_up(figures, 0.95, noise=0.04), CHOICE)
    assert matters not in noisy
    # Nor is nothing seen for nothing there.
    assert "It can't be told when trained from scratch (AUC 0.900 with raw to 0.950" in noisy
    assert "where chance alone could make 0." in noisy


def test_a_seed_that_one_scheme_lacks_makes_no_difference_between_schemes() -> None:
    """Seeds differ by 0.08, the schemes by nothing."""
    study = without(made_up({}, 0.91, noise=0.0, shared=0.08), "scratch", "signed", seed=1)
    assert "Hardly when trained from scratch (AUC 0.870 with all, one seed)" in answer(
        study, CHOICE
    )


def test_other_patients_are_chance_as_well() -> None:
    """Intervals are 0.02 wide: a difference of 0.015 is none, however alike the seeds are."""
    study = made_up({("scratch", "raw", "raw"): 0.885}, 0.9, noise=0.0)
    assert "Hardly when trained from scratch (AUC 0.885 with raw" in answer(study, CHOICE)


def test_a_question_without_runs_is_not_asked_but_for_the_first() -> None:
    study = made_up({}, 0.9)
    assert asked(replace(study, runs=())) == [CHOICE]
    assert answer(replace(study, runs=()), CHOICE).endswith("so the study can't say.")
    assert asked(replace(study, runs=study.of("scratch"))) == [CHOICE, COST, STUCK, EPOCHS]
    assert asked(replace(study, runs=study.of("scratch")[:1])) == [CHOICE]
    one_seed_each = without(study, "scratch", "raw", seed=1)
    one_seed_each = without(one_seed_each, "scratch", "rescale", seed=0)
    assert CHOICE in asked(replace(one_seed_each, runs=one_seed_each.of("scratch")))


def test_a_scheme_that_came_later_leaves_the_earlier_runs_as_they_are() -> None:
    study = made_up({}, 0.9)
    more = replace(study, schemes=(*study.schemes, "clahe"))
    assert conclude(more) == conclude(study)
    assert more.matrix("scratch", "auc")[0][-1] is None


_RENAMED = ("raw", "rescale", "imagenet")


def imagenet_study(figures: Figures, noise: float = 0.003) -> Study:
    """Fine-tuned under raw, rescale and imagenet, with BatchNorm frozen and with it learning."""
    study = renamed(
        made_up(figures, 0.95, noise=noise),
        scratch="finetuned-frozen-batchnorm",
        no_batchnorm="finetuned",
    )
    return replace(study, runs=tuple(map(_signed_as_imagenet, study.runs)), schemes=_RENAMED)


def _signed_as_imagenet(run: Run) -> Run:
    cells = (replace(c, scheme=new) for c, new in zip(run.cells, _RENAMED, strict=True))
    return replace(run, scheme=_RENAMED[SCHEMES.index(run.scheme)], cells=tuple(cells))


def test_imagenets_mean_and_deviation_against_255() -> None:
    """Intervals reach 0.01 to either side, so that of a difference 0.014."""
    assert answer(imagenet_study({}, noise=0.0), IMAGENET) == (
        "Fed as trained, no difference shows when fine-tuned with BatchNorm frozen (AUC 0.950 with "
        "÷255, 0.950 with ImageNet's, the difference give or take 0.014) and when fine-tuned with "
        "BatchNorm learning (AUC 0.950 with ÷255, 0.950 with ImageNet's, the difference give or "
        "take 0.014)."
    )
    worse = answer(imagenet_study({("scratch", "rescale", "rescale"): 0.93}, noise=0.0), IMAGENET)
    assert (
        "ImageNet is better when fine-tuned with BatchNorm frozen (AUC 0.930 with ÷255, " in worse
    )
    assert "At a threshold of 0.5 specificity differs: 0.930 with ÷255 and 0.950 with" not in worse
    better = answer(imagenet_study({("scratch", "signed", "signed"): 0.90}, noise=0.0), IMAGENET)
    assert "÷255 is better when fine-tuned with BatchNorm frozen" in better
    assert "specificity differs: 0.950 with ÷255 and 0.900 with ImageNet's when fine" in better


def test_seeds_that_disagree_are_no_difference() -> None:
    """ImageNet's 0.99 and 0.91, ÷255's 0.88 and 0.96: better once, worse once."""
    study = imagenet_study({})
    auc = {("imagenet", 0): 0.99, ("imagenet", 1): 0.91, ("rescale", 0): 0.88, ("rescale", 1): 0.96}

    def told(run: Run) -> Run:
        value = auc.get((run.scheme, run.seed), 0.95)
        around = Interval(value, value - 0.01, value + 0.01)
        return replace(
            run, cells=tuple(replace(c, auc=around, specificity=around) for c in run.cells)
        )

    said = answer(replace(study, runs=tuple(map(told, study.runs))), IMAGENET)
    assert "it can't be told when fine-tuned" in said
    assert "is better" not in said
    assert "specificity differs" not in said


def test_one_seed_says_so() -> None:
    study = imagenet_study({("no-batchnorm", "rescale", "rescale"): 0.80}, noise=0.0)
    said = answer(replace(study, runs=tuple(r for r in study.runs if r.seed == 0)), IMAGENET)
    assert "give or take 0.014, one seed)" in said
    assert said.endswith("with ImageNet's when fine-tuned with BatchNorm learning, one seed.")


def test_a_single_seed_shows_what_was_and_not_what_is() -> None:
    study = made_up({("no-batchnorm", "raw", "raw"): 0.6}, 0.95, noise=0.0)
    alone = replace(study, runs=tuple(r for r in study.runs if r.seed == 0))
    assert "In single runs it did when trained from scratch without" in answer(alone, CHOICE)
    assert answer(alone, BATCHNORM).startswith("One seed can't tell: AUC, fed as trained, ranges")
    alike = made_up({}, 0.95, noise=0.0)
    alone = replace(alike, runs=tuple(r for r in alike.runs if r.seed == 0))
    assert "Hardly when trained from scratch (AUC 0.950 with all, one seed)" in (
        answer(alone, CHOICE)
    )


def test_a_wide_interval_can_tell_nothing() -> None:
    wide = Interval(0.95, 0.85, 1.0)
    study = changed(imagenet_study({}), "finetuned", "rescale", auc=wide)
    assert "it can't be told when fine-tuned with BatchNorm learning (" in answer(study, IMAGENET)


def test_a_network_that_rescales_is_not_asked_which_scale_it_needs() -> None:
    study = imagenet_study({})
    inside = replace(study, settings={"keep_preprocessing": True})
    assert asked(inside) == [q for q in asked(study) if q != IMAGENET]


ALIKE = {"specificity": Interval(0.0, 0.0, 0.01), "sensitivity": Interval(1.0, 1.0, 1.0)}


ALL_SAME = "Runs that call nearly every image the same, fed as trained:"
LOST = "(raw at AUC 0.950, loss 0.50 in training and 0.40 in validation)"
LOWEST = (
    "The lowest AUC of fine-tuning is 0.950 (raw) with BatchNorm frozen, 0.950 (raw) with BatchNorm"
)


@pytest.mark.parametrize(
    ("stuck", "said"),
    [
        ((), "None of 12 runs calls nearly every image the same, fed as trained. "),
        (
            ("finetuned-frozen-batchnorm",),
            f"{ALL_SAME} 2 of 6 when fine-tuned with BatchNorm frozen {LOST}. BatchNorm that "
            f"learns heals raw. ",
        ),
        (("finetuned",), f"{ALL_SAME} 2 of 6 when fine-tuned with BatchNorm learning {LOST}. "),
        (
            ("finetuned-frozen-batchnorm", "finetuned"),
            f"{ALL_SAME} 2 of 6 when fine-tuned with BatchNorm frozen {LOST} and 2 of 6 when "
            f"fine-tuned with BatchNorm learning {LOST}. BatchNorm that learns does not heal raw. ",
        ),
    ],
)
def test_training_is_stuck_where_nearly_every_image_is_called_the_same(
    stuck: tuple[str, ...], said: str
) -> None:
    study = imagenet_study({}, noise=0.0)
    for regime in stuck:
        study = changed(study, regime, "raw", **ALIKE)
    assert answer(study, STUCK).startswith(said + LOWEST)


def test_one_stuck_seed_of_two_is_seen() -> None:
    study = changed(imagenet_study({}), "finetuned-frozen-batchnorm", "raw", **ALIKE)
    sound = {r.seed: r for r in imagenet_study({}).of("finetuned-frozen-batchnorm", "raw")}
    runs = tuple(
        sound[1] if (r.regime, r.scheme, r.seed) == ("finetuned-frozen-batchnorm", "raw", 1) else r
        for r in study.runs
    )
    said = answer(replace(study, runs=runs), STUCK)
    assert f"1 of 6 when fine-tuned with BatchNorm frozen {LOST}" in said


def test_a_scheme_trained_in_one_regime_alone_is_not_healed_by_the_other() -> None:
    study = changed(imagenet_study({}), "finetuned-frozen-batchnorm", "raw", **ALIKE)
    said = answer(without(study, "finetuned", "raw"), STUCK)
    assert "2 of 6 when fine-tuned with BatchNorm frozen (raw" in said
    assert "heal" not in said


def test_a_mismatch_is_told_for_both() -> None:
    figures = {("no-batchnorm", a, b): 0.6 for a in SCHEMES for b in SCHEMES if a != b}
    assert answer(imagenet_study(figures), STUCK).endswith(
        "Fed another scheme than in training, it changes by a median of +0.000 and -0.350."
    )


def test_epochs_and_what_was_left_out() -> None:
    study = renamed(made_up({}, 0.9), scratch="scratch")
    assert answer(study, EPOCHS) == (
        "To a validation loss that every scale reaches, it takes 1.0 (raw) to 1.0 (raw) of 1 "
        "epochs when trained from scratch."
    )
    runs = (replace(r, diverged=True, epochs=()) if r.scheme == "raw" else r for r in study.runs)
    assert answer(replace(study, runs=tuple(runs)), EPOCHS).endswith(
        " Left out, for a run that stopped early: raw when trained from scratch."
    )


def test_a_stuck_scale_is_not_timed() -> None:
    """It would be at its loss after one epoch, and the loss is no aim."""
    study = renamed(made_up({}, 0.9), scratch="scratch")
    stuck = changed(study, "scratch", "raw", **ALIKE)
    assert answer(stuck, EPOCHS) == (
        "To a validation loss that every other scale reaches, it takes 1.0 (rescale) to 1.0 "
        "(rescale) of 1 epochs when trained from scratch. Left out, for a run that calls nearly "
        "every image the same: raw when trained from scratch."
    )
    assert EPOCHS not in asked(changed(stuck, "scratch", "signed", **ALIKE))
