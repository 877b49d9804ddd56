import argparse
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from xray_app.core.errors import InputError
from xray_app.core.images import Geometry
from xray_app.training.arguments import (
    add_study_arguments,
    add_train_arguments,
    options_from,
)
from xray_app.training.options import StudyOptions, TrainOptions
from xray_app.training.recipe import Recipe

ADD = {TrainOptions: add_train_arguments, StudyOptions: add_study_arguments}
LITE = "EfficientNetLite0"
BASE = {"data": Path("d"), "out": Path("out")}


def parse(kind: type[Recipe], *words: str) -> Recipe:
    parser = argparse.ArgumentParser()
    ADD[kind](parser)
    return options_from(kind, parser.parse_args(["d", "--out", "out", *words]))


@pytest.mark.parametrize("kind", ADD)
def test_command_line_defaults_are_the_options_defaults(kind: type[Recipe]) -> None:
    assert parse(kind) == kind(**BASE)


@pytest.mark.parametrize("kind", ADD)
def test_every_option_has_help_and_shows_its_default(kind: type[Recipe]) -> None:
    parser = argparse.ArgumentParser()
    ADD[kind](parser)
    shown = parser.format_help()
    for field in fields(kind):
        assert field.metadata["help"]
        assert field.name == "data" or f"--{field.name.replace('_', '-')}" in shown
    assert "[64]" in shown


def test_values_are_read() -> None:
    trained = parse(
        TrainOptions, "--epochs", "3", "--augment", "flip,noise", "--class-weights", "--seed", "4"
    )
    assert (trained.epochs, trained.augment, trained.class_weights) == (3, ("flip", "noise"), True)
    assert parse(TrainOptions, "--augment", "none").augment == ()
    study = parse(
        StudyOptions, "--seeds", "5,6", "--schemes", "raw,clahe+zscore", "--backbone", "m"
    )
    assert study.seeds == (5, 6)
    assert study.schemes == ("raw", "clahe+zscore")
    assert study.backbone == Path("m")


def test_the_geometry_is_read() -> None:
    found = parse(TrainOptions, "--fit", "resize-crop=256", "--kernel", "area").geometry
    assert found == Geometry(224, 224, "resize-crop", "area", resize_to=256)
    assert not parse(StudyOptions, "--no-antialias").geometry.antialias


@pytest.mark.parametrize(
    ("kind", "wrong", "sentence"),
    [
        (TrainOptions, {"arch": "EfficientNetB9"}, "Did you mean 'EfficientNetB"),
        (TrainOptions, {"scheme": "imagnet"}, "Did you mean 'imagenet'"),
        (TrainOptions, {"size": 8}, "--size: expected 32 to 2048, received 8"),
        (TrainOptions, {"precision": "float8"}, "Unknown precision"),
        (TrainOptions, {"keep_preprocessing": True}, "expected --scheme raw"),
        (TrainOptions, {"ema": 1.0}, "--ema"),
        (TrainOptions, {"out": Path("My Model")}, "lower-case letters"),
        (TrainOptions, {"augment": ("blur",)}, "Unknown augmentation"),
        (StudyOptions, {"regimes": ("thawed",)}, "Unknown regime"),
        (StudyOptions, {"seeds": ()}, "at least one"),
        (
            StudyOptions,
            {
                "arch": "EfficientNetLite0",
                "regimes": ("scratch", "finetuned"),
                "keep_preprocessing": True,
            },
            "expected --regimes of pretrained-frozen, .*, received scratch",
        ),
        (StudyOptions, {"seeds": (1, -1)}, "Expected seeds of 0"),
        (StudyOptions, {"batchnorm_removed": "somewhere"}, "Unknown place"),
        (StudyOptions, {"schemes": ("rescale", "imagnet")}, "Did you mean 'imagenet'"),
        (StudyOptions, {"head_epochs": 0}, "--head-epochs: expected 1 to"),
        (StudyOptions, {"finetune_epochs": 0}, "--finetune-epochs: expected 1 to"),
        (StudyOptions, {"finetune_learning_rate": 0.0}, "--finetune-learning-rate: expected 1e-09"),
        (StudyOptions, {"resamples": 0}, "--resamples: expected 1 to"),
        (StudyOptions, {"regimes": ("finetuned",)}, "--arch EfficientNetLite0, received Effi"),
        (TrainOptions, {"pretrained": True}, "expected one of EfficientNetLite0"),
        (
            TrainOptions,
            {"arch": LITE, "pretrained": True, "keep_preprocessing": True, "scheme": "raw"},
            "leave out --keep-preprocessing",
        ),
        (TrainOptions, {"freeze_batchnorm": True}, "add --pretrained"),
        (TrainOptions, {"fit": "fill"}, "Unknown fit 'fill'"),
        (StudyOptions, {"fit": "pad=7"}, "Expected a value to pad with from 0"),
        (TrainOptions, {"kernel": "cubic"}, "Unknown kernel 'cubic'"),
        (TrainOptions, {"arch": "InceptionV3", "size": 64}, "InceptionV3 expects 75 or more"),
    ],
)
def test_wrong_options_are_one_clear_sentence(
    kind: type[Recipe], wrong: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        kind(**(BASE | wrong))


def test_reading_options_and_results_does_not_load_keras() -> None:
    code = (
        "import sys, xray_app.training.arguments, xray_app.study.conclusion;"
        "sys.exit('keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_list_that_is_none_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(StudyOptions, "--seeds", "0,x")
    assert "argument --seeds: invalid list of int value: '0,x'" in capsys.readouterr().err


def test_a_wrong_option_is_said_before_keras_is_loaded() -> None:
    code = (
        "import argparse, sys, xray_app.training.arguments as a;"
        "p = argparse.ArgumentParser(); a.add_study_arguments(p);"
        "from xray_app.core import InputError\n"
        "try: a.run_study_command(p.parse_args(['d', '--out', 'o', '--arch', 'x']))\n"
        "except InputError: sys.exit(3 if 'keras' in sys.modules else 0)\n"
        "sys.exit(4)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
