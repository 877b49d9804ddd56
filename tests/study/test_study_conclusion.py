from dataclasses import replace

import pytest

from tests.study.made_up import MISMATCH, SCHEMES, Figures, made_up, renamed
from xray_app.study.conclusion import conclude
from xray_app.study.records import Run, Study

CHOICE = "Does the choice of scheme matter"
COST = "What does another scheme at inference cost?"
IMAGENET = "Does a network that starts from ImageNet's weights"
FROZEN = "Does frozen BatchNorm make"
EPOCHS = "How many epochs"
BATCHNORM = "Is it BatchNorm"


def answer(study: Study, question: str) -> str:
    (found,) = (a.text for a in conclude(study) if a.question.startswith(question))
    return found


def asked(study: Study) -> list[str]:
    questions = (CHOICE, COST, IMAGENET, FROZEN, EPOCHS, BATCHNORM)
    return [q for a in conclude(study) for q in questions if a.question.startswith(q)]


def test_a_study_in_which_batchnorm_helps_and_a_mismatch_harms() -> None:
    bare = {("no-batchnorm", "raw", "raw"): 0.61, ("frozen", "raw", "raw"): 0.7}
    study = made_up({**MISMATCH, **bare}, 0.95)
    assert answer(study, CHOICE) == (
        "Hardly from scratch (AUC 0.950 with raw to 0.950 with raw). It does from scratch without "
        "BatchNorm (AUC 0.610 with raw to 0.950 with rescale) and with a new head on a frozen "
        "backbone (AUC 0.700 with raw to 0.950 with rescale)."
    )
    assert answer(study, COST).startswith(
        "It is what does harm: AUC changes by a median of -0.400 from scratch (at worst -0.400, "
    )
    assert answer(study, BATCHNORM) == (
        "Yes: AUC ranges over 0.340 without it (lowest 0.610, raw), over 0.000 with it. On a "
        "frozen backbone, where BatchNorm can't adapt, the choice matters."
    )


def test_the_reverse_study_gives_the_reverse_answers() -> None:
    study = made_up({("scratch", "raw", f): 0.8 for f in SCHEMES}, 0.95)
    assert "It does from scratch (AUC 0.800 with raw to 0.950" in answer(study, CHOICE)
    assert answer(study, COST).startswith("It is harmless here: ")
    assert answer(study, BATCHNORM).startswith("The choice is not harmless with BatchNorm either")
    assert answer(study, BATCHNORM).endswith("the choice hardly matters.")


def test_a_choice_that_matters_in_every_regime_is_a_yes() -> None:
    study = renamed(made_up({("scratch", "raw", "raw"): 0.8}, 0.95), scratch="scratch")
    assert answer(study, CHOICE).startswith("Yes, from scratch (AUC 0.800")


def test_harmless_with_and_without_batchnorm() -> None:
    study = made_up({("scratch", "raw", "signed"): 0.6}, 0.95)
    assert answer(study, COST).startswith("It does harm for some pairs: ")
    assert "(at worst -0.350, trained on raw and fed signed)" in answer(study, COST)
    assert answer(study, BATCHNORM).startswith("No, it is harmless without as well")


def test_noise_between_seeds_is_not_taken_for_a_difference() -> None:
    figures = {("scratch", "raw", "raw"): 0.92}
    assert "It does from scratch (" in answer(made_up(figures, 0.95), CHOICE)
    assert "It does" not in answer(made_up(figures, 0.95, noise=0.04), CHOICE)
    # What a seed does to every scheme alike is no noise in a comparison of schemes.
    assert "It does from scratch (" in answer(made_up(figures, 0.95, shared=0.04), CHOICE)


def test_a_question_without_runs_is_not_asked_but_for_the_first() -> None:
    study = made_up({}, 0.9)
    assert asked(replace(study, runs=())) == [CHOICE]
    assert answer(replace(study, runs=()), CHOICE).endswith("so the study can't say.")
    assert asked(replace(study, runs=study.of("scratch"))) == [CHOICE, COST, EPOCHS]
    assert asked(replace(study, runs=study.of("scratch")[:1])) == [CHOICE]


def imagenet_study(figures: Figures, **changes: float) -> Study:
    """Fine-tuned under raw, rescale and imagenet, with BatchNorm frozen and with it learning."""
    study = renamed(
        made_up(figures, 0.95, **changes),
        scratch="finetuned-frozen-batchnorm",
        no_batchnorm="finetuned",
    )
    return replace(study, runs=tuple(map(_signed_as_imagenet, study.runs)), schemes=_RENAMED)


_RENAMED = ("raw", "rescale", "imagenet")


def _signed_as_imagenet(run: Run) -> Run:
    cells = tuple(replace(c, scheme=new) for c, new in zip(run.cells, _RENAMED, strict=True))
    return replace(run, scheme=_RENAMED[SCHEMES.index(run.scheme)], cells=cells)


def test_imagenets_mean_and_deviation_are_not_needed_where_the_difference_is_chance() -> None:
    assert answer(imagenet_study({}), IMAGENET).startswith(
        "÷255 is as good, as far as can be told, where inference does the same: AUC is 0.950 "
        "against 0.950 fine-tuned with BatchNorm frozen (by chance 0.0"
    )
    worse = imagenet_study({("scratch", "rescale", "rescale"): 0.8})
    assert answer(worse, IMAGENET).startswith(
        "It makes a difference fine-tuned with BatchNorm frozen, where inference does the same: "
        "AUC is 0.950 against 0.800 "
    )


def test_a_network_that_rescales_is_not_asked_which_scale_it_needs() -> None:
    study = imagenet_study({})
    inside = replace(study, settings={"keep_preprocessing": True})
    assert asked(inside) == [q for q in asked(study) if q != IMAGENET]


@pytest.mark.parametrize(
    ("stuck", "judged"),
    [
        ((), "It is fatal with neither, fed what it was trained with: the lowest accuracy is "),
        (("scratch",), "It is fatal with BatchNorm frozen, and learning heals it: "),
        (("no-batchnorm",), "It is fatal with BatchNorm learning alone: "),
        (("scratch", "no-batchnorm"), "It is fatal with both: "),
    ],
)
def test_a_scale_is_fatal_where_one_class_for_all_would_be_as_good(
    stuck: tuple[str, ...], judged: str
) -> None:
    """60 of the 100 test images are sick; the intervals reach 0.01 to either side."""
    said = answer(imagenet_study({(regime, "raw", "raw"): 0.605 for regime in stuck}), FROZEN)
    assert said.startswith(judged)
    assert "always the commonest class gives 0.600" in said


def test_what_learning_statistics_do_to_a_mismatch() -> None:
    def mismatched(regime: str, auc: float) -> Figures:
        return {(regime, a, b): auc for a in SCHEMES for b in SCHEMES if a != b}

    dearer = imagenet_study(mismatched("no-batchnorm", 0.6))
    assert "one that learns makes it dearer: AUC changes by a median of +0.000 with BatchNorm " in (
        answer(dearer, FROZEN)
    )
    assert "one that learns makes it cheaper" in answer(
        imagenet_study(mismatched("scratch", 0.6)), FROZEN
    )
    assert "one that learns changes little" in answer(imagenet_study({}), FROZEN)


def test_seeds_on_one_frozen_backbone_do_not_make_a_difference_sure() -> None:
    """Intervals are 0.02 wide: a difference of 0.015 is none, however alike the seeds are."""
    plain = made_up({("scratch", "raw", "raw"): 0.885}, 0.9, noise=0.0)
    study = renamed(plain, scratch="pretrained-frozen")
    assert answer(study, CHOICE).startswith("Hardly with a new head on the frozen ImageNet")
    assert answer(renamed(plain, scratch="scratch"), CHOICE).startswith("Yes, from scratch")


def test_the_slowest_scale_of_each_regime_is_named() -> None:
    study = renamed(made_up({}, 0.9), scratch="scratch")
    assert answer(study, EPOCHS).startswith("The slowest scale, against the quickest: 0.0 of 1 ")
