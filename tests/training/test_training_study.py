import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.training.training_data import write_splits
from xray_app.core.errors import CardError, InputError, ModelError
from xray_app.core.progress import Progress
from xray_app.study.conclusion import conclude
from xray_app.study.records import Study, read_study
from xray_app.training.fit import features
from xray_app.training.fit.bench import Bench
from xray_app.training.options import PRETRAINED, StudyOptions
from xray_app.training.recipe import COMPACT
from xray_app.training.study import run_study

SCHEMES = ("raw", "imagenet")


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> StudyOptions:
    root = tmp_path_factory.mktemp("study")
    return StudyOptions(
        data=write_splits(root / "blobs", train=16, held=6, of_each=6),
        out=root / "whole",
        arch=COMPACT,
        size=32,
        epochs=2,
        head_epochs=2,
        batch_size=16,
        warmup_epochs=0,
        augment=(),
        schemes=SCHEMES,
        seeds=(0,),
        resamples=50,
        workers=1,
    )


@pytest.fixture(scope="module")
def study(options: StudyOptions) -> Study:
    return read_study(run_study(options))


class Killed(Exception):
    """Stands for a process that ends in the middle of a step."""


def killed_in(stage: str) -> Callable[[Progress], None]:
    def report(progress: Progress) -> None:
        if progress.stage.startswith(stage):
            raise Killed

    return report


def test_study_holds_every_run_and_cell(study: Study) -> None:
    assert study.is_complete
    assert [(r.regime, r.scheme) for r in study.runs] == [
        *((regime, scheme) for scheme in SCHEMES for regime in ("scratch", "no-batchnorm")),
        *(("frozen", scheme) for scheme in SCHEMES),
    ]
    assert all(tuple(c.scheme for c in r.cells) == SCHEMES for r in study.runs)
    assert all(len(r.epochs) == 2 for r in study.runs)
    scratch, frozen = study.of("scratch", "raw")[0], study.of("frozen", "raw")[0]
    assert scratch.epochs[0].gradient_norm is not None
    assert frozen.epochs[0].gradient_norm is None
    for start in (scratch.initial, frozen.initial):
        assert start is not None
        assert (start.epoch, start.loss, start.gradient_norm) == (0, None, None)
        assert start.validation_loss is not None
    cell = scratch.cell("imagenet")
    assert cell.auc.low <= cell.auc.value <= cell.auc.high
    asked = [answer.question for answer in conclude(study)]
    assert asked[:2] == [
        "Does the choice of scheme matter, if inference does what training did?",
        "What does another scheme at inference cost?",
    ]
    assert asked[-1] == "Is it BatchNorm that makes the choice harmless?"


def test_intervals_are_over_patients(study: Study) -> None:
    """With one test patient a class, half of the resamples hold images of one class only.

    Where every image is right, the two patients are two trials that agree: 0.025^(1/2) = 0.1581.
    """
    cells = [cell for run in study.runs for cell in run.cells]
    assert any(cell.accuracy.value == 1 for cell in cells)
    assert any(cell.sensitivity.value != cell.specificity.value for cell in cells)
    for cell in cells:
        low, high = sorted((cell.sensitivity.value, cell.specificity.value))
        expected = (0.1581, 1.0) if low == 1 else (low, high)
        assert (cell.accuracy.low, cell.accuracy.high) == expected


def test_study_names_what_it_is(study: Study, options: StudyOptions) -> None:
    assert (study.architecture, study.size, study.classes) == (COMPACT, 32, ("normal", "sick"))
    assert study.data["images"]["train"] == {"normal": 16, "sick": 16}
    assert study.command.startswith(
        "python -m xray_app study blobs --out whole --arch CompactResNet"
    )
    text = (options.out / "study.json").read_text()
    assert str(options.out.parent) not in text
    assert "every BatchNorm replaced" in study.regime_notes["no-batchnorm"]
    assert "imagenet" in study.regime_notes["frozen"]


def test_a_killed_study_resumes_and_ends_alike(options: StudyOptions, study: Study) -> None:
    broken = replace(options, out=options.out.with_name("broken"))
    with pytest.raises(Killed):
        run_study(broken, killed_in("no-batchnorm, imagenet"))
    partial = read_study(broken.out / "study.json")
    assert not partial.is_complete
    assert len(partial.runs) == 3
    kept = broken.out / "runs" / "scratch-raw-0.json"
    written = kept.stat().st_mtime_ns
    stages: list[str] = []
    resumed = read_study(run_study(broken, lambda p: p.message or stages.append(p.stage)))
    assert stages[0] == "no-batchnorm, imagenet, seed 0"
    assert kept.stat().st_mtime_ns == written
    assert resumed.runs == study.runs


def killed_after(images: int) -> Callable[[Progress], None]:
    def report(progress: Progress) -> None:
        if progress.done > images:
            raise Killed

    return report


def test_a_kill_within_a_run_costs_one_epoch_at_most(options: StudyOptions, study: Study) -> None:
    """An epoch is 32 images in two steps; the first run ends with its second epoch, at 64."""
    torn = replace(options, out=options.out.with_name("torn"))
    with pytest.raises(Killed):
        run_study(torn, killed_after(32))
    state = torn.out / "states" / "scratch-raw-0.npz"
    assert state.exists()
    assert not list((torn.out / "runs").iterdir())
    seen: list[Progress] = []
    resumed = read_study(run_study(torn, lambda p: p.message or seen.append(p)))
    assert seen[0].done == 32 + 16, "the first epoch was not kept"
    assert resumed.runs == study.runs
    assert not list(state.parent.iterdir())


def test_a_damaged_state_is_one_sentence(options: StudyOptions) -> None:
    hurt = replace(options, out=options.out.with_name("hurt"))
    with pytest.raises(Killed):
        run_study(hurt, killed_after(32))
    (hurt.out / "states" / "scratch-raw-0.npz").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"scratch-raw-0.npz: it is damaged; delete it"):
        run_study(hurt)


def test_features_are_computed_once_and_removed(
    options: StudyOptions, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[str] = []
    compute = features._computed

    def counted(bench: Bench, backbone: object, scheme: str) -> dict[str, np.ndarray]:
        computed.append(scheme)
        return compute(bench, backbone, scheme)

    monkeypatch.setattr(features, "_computed", counted)
    cold = replace(options, out=options.out.with_name("cold"), regimes=("scratch", "frozen"))
    with pytest.raises(Killed):
        run_study(cold, killed_in("frozen, raw"))
    assert sorted(p.stem for p in (cold.out / "features" / "seed-0").iterdir()) == [
        "imagenet",
        "raw",
    ]
    resumed = read_study(run_study(cold))
    assert sorted(computed) == ["imagenet", "raw"]
    assert resumed.of("frozen") == study.of("frozen")
    assert not (cold.out / "features").exists()


def test_a_study_may_grow_but_not_change_its_recipe(options: StudyOptions, study: Study) -> None:
    less = replace(options, regimes=("scratch",), schemes=("raw",))
    together = read_study(run_study(less))  # with what earlier sittings ran
    assert {(r.regime, r.scheme, r.seed) for r in together.runs} == {
        (r.regime, r.scheme, r.seed) for r in study.runs
    }
    with pytest.raises(InputError, match=r"epochs \(2 there, 5 here\)"):
        run_study(replace(options, epochs=5))
    assert len(list((options.out / "runs").iterdir())) == len(study.runs)
    more = replace(options, seeds=(0, 1))
    with pytest.raises(Killed):
        run_study(more, killed_in("scratch, raw, seed 1"))
    assert read_study(options.out / "study.json").runs == study.runs  # merged before any training
    run_study(options)


def test_frozen_alone_trains_the_backbone_that_it_needs(options: StudyOptions) -> None:
    alone = replace(
        options, out=options.out.with_name("alone"), regimes=("frozen",), schemes=("imagenet",)
    )
    found = read_study(run_study(alone))
    assert [r.regime for r in found.runs] == ["frozen"]
    assert (alone.out / "backbones" / "seed-0.npz").exists()
    assert not json.loads((alone.out / "recipe.json").read_text()).get("out")


def test_another_models_backbone_must_fit(options: StudyOptions) -> None:
    bundled = Path(__file__).parents[2] / "models" / "cxr_efficientnetb4"
    other = replace(options, out=options.out.with_name("other"), backbone=bundled)
    with pytest.raises(ModelError, match="Expected a backbone of CompactResNet at 32 pixels"):
        run_study(other)
    assert not other.out.exists()  # said before anything is read or trained
    with pytest.raises(CardError, match=r"card\.json"):
        run_study(replace(other, backbone=options.data))


@pytest.fixture(scope="module")
def finetuned(options: StudyOptions) -> Study:
    """Every regime that starts from ImageNet's weights, for two seeds."""
    wanted = replace(
        options,
        out=options.out.with_name("finetuned"),
        arch="EfficientNetLite0",
        regimes=PRETRAINED,
        schemes=("signed",),
        seeds=(0, 1),
        finetune_epochs=1,
    )
    return read_study(run_study(wanted))


def test_the_pretrained_regimes_say_what_they_are(finetuned: Study) -> None:
    assert finetuned.is_complete
    assert finetuned.settings["finetune_epochs"] == 1
    assert finetuned.settings["finetune_learning_rate"] == 3e-4
    assert "for 1 epochs at a peak rate of 0.0003" in finetuned.regime_notes["finetuned"]
    assert "trainable = False" in finetuned.regime_notes["finetuned-frozen-batchnorm"]
    assert "ImageNet's weights" in finetuned.regime_notes["pretrained-frozen"]
    assert len(finetuned.of("finetuned")[0].epochs) == 1
    assert len(finetuned.of("pretrained-frozen")[0].epochs) == 2


def test_the_pretrained_regimes_start_from_one_network_and_part(finetuned: Study) -> None:
    """Before the first step both fine-tuned networks are the same, of a seed; another seed has
    another head. Frozen BatchNorm answers otherwise after one epoch than BatchNorm that learned."""
    learned, frozen = (finetuned.of(regime) for regime in ("finetuned", PRETRAINED[1]))
    for one, other in zip(learned, frozen, strict=True):
        assert one.initial == other.initial
        assert one.epochs[0].validation_loss != other.epochs[0].validation_loss
    assert learned[0].initial != learned[1].initial
